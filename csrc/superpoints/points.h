// The points, each a region of its own, and the edges between them.
#pragma once

#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include "core/parallel.h"
#include "core/spatial_order.h"
#include "superpoints/regions.h"
#include "superpoints/superpoints.h"

namespace pdengine {

// Points in an order in which near ones are near in memory too: they come in any.  Regions are
// numbered along it, so their numbers say nothing; their first points do.
struct Points {
    int64_t count, columns, k;
    std::vector<int32_t> row;     // [N] of the caller's tensors
    std::vector<float> position;  // [N, 3]
    std::vector<float> feature;   // [N, C]
    Buffer<int32_t> target;       // [N, k] as the points are numbered here

    // How often a point lists another.
    int times(int64_t from, int64_t to) const {
        const int32_t* listed = target.at(from * k);
        int found = 0;
        for (int64_t a = 0; a < k; ++a) found += listed[a] == static_cast<int32_t>(to);
        return found;
    }
};

inline Points gather(const SuperpointsParams& p, int threads) {
    const int64_t count = p.graph.size[0], k = p.graph.size[1], columns = p.features.size[1];
    Points points{count,
                  columns,
                  k,
                  spatial_order(p.positions),
                  std::vector<float>(count * 3),
                  std::vector<float>(count * columns),
                  Buffer<int32_t>(count * k)};
    std::vector<int32_t> number(count);
    for (int64_t i = 0; i < count; ++i) number[points.row[i]] = static_cast<int32_t>(i);
    parallel_for(count, threads, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int32_t row = points.row[i];
            std::copy_n(p.positions.row(row), 3, points.position.data() + i * 3);
            std::copy_n(p.features.row(row), columns, points.feature.data() + i * columns);
            for (int64_t a = 0; a < k; ++a)
                *points.target.at(i * k + a) = number[p.graph.row(row)[a]];
        }
    });
    return points;
}

// Every listed length divided by the longest, and the mean of that over the edges.
struct Lengths {
    Buffer<float> share;  // [N, k]
    float mean = 1;
};

template <int kColumns>
Lengths measure(const Points& points, const std::vector<float>& values, int64_t columns,
                int threads) {
    const int64_t k = points.k;
    Lengths lengths{Buffer<float>(points.count * k)};
    float longest = 0;
    int64_t steps = 0, edges = 0;
    std::mutex lock;
    parallel_for(points.count, threads, [&](int64_t begin, int64_t end) {
        float most = 0;
        for (int64_t i = begin; i < end; ++i) {
            for (int64_t at = i * k; at < (i + 1) * k; ++at) {
                const int64_t other = *points.target.at(at);
                const float length = std::sqrt(squared_distance<kColumns>(
                    values.data() + i * columns, values.data() + other * columns, columns));
                *lengths.share.at(at) = length;
                most = std::max(most, length);
            }
        }
        std::lock_guard<std::mutex> guard(lock);
        longest = std::max(longest, most);
    });
    if (longest == 0) return lengths;
    parallel_for(points.count, threads, [&](int64_t begin, int64_t end) {
        int64_t sum = 0, mine = 0;
        for (int64_t i = begin; i < end; ++i) {
            for (int64_t at = i * k; at < (i + 1) * k; ++at) {
                const float share = *lengths.share.at(at) / longest;
                *lengths.share.at(at) = share;
                sum += std::lrintf(share * kMeanStep);
                mine += *points.target.at(at) != i;
            }
        }
        std::lock_guard<std::mutex> guard(lock);  // sums of integers, in any order
        steps += sum;
        edges += mine;
    });
    lengths.mean = static_cast<float>(
        static_cast<double>(steps) / (static_cast<double>(kMeanStep) * static_cast<double>(edges)));
    return lengths;
}

// A region per point.  Both ends of an edge get it, also where only one lists it.
inline Regions single_points(const Points& points, Buffer<Neighbour>& neighbours, int threads) {
    const int64_t count = points.count, columns = points.columns, k = points.k;
    const Lengths apart = measure<3>(points, points.position, 3, threads);
    Lengths unlike{Buffer<float>(0)};
    with_columns(columns, [&](auto fixed) {
        unlike = measure<fixed()>(points, points.feature, columns, threads);
    });
    const auto weight = [&](int64_t at) {
        const float away =
            1 + *apart.share.at(at) / apart.mean + *unlike.share.at(at) / unlike.mean;
        const float nearness = 1 / away;
        return std::max<int64_t>(std::lrintf(nearness * nearness * kStep), 1);
    };

    struct Unlisted {
        int32_t by, of;
        int64_t weight;
    };
    std::vector<std::vector<Unlisted>> unlisted;
    Buffer<int32_t> listings(count * k);  // of each edge by its two ends; 0 where it came before
    Regions regions(count, columns);
    std::vector<int32_t> room(count);
    std::mutex lock;
    parallel_for(count, threads, [&](int64_t begin, int64_t end) {
        std::vector<Unlisted> mine;
        for (int64_t i = begin; i < end; ++i) {
            const int32_t* target = points.target.at(i * k);
            for (int64_t a = 0; a < k; ++a) {
                int32_t& both = *listings.at(i * k + a) = 0;
                const int32_t other = target[a];
                if (other == i) continue;
                const int own = points.times(i, other);
                if (own > 1 && std::find(target, target + a, other) != target + a) continue;
                const int theirs = points.times(other, i);
                if (theirs == 0)
                    mine.push_back({other, static_cast<int32_t>(i), weight(i * k + a) * own});
                both = own + theirs;
                ++room[i];
            }
        }
        std::lock_guard<std::mutex> guard(lock);
        unlisted.push_back(std::move(mine));
    });
    for (const auto& some : unlisted)
        for (const Unlisted& edge : some) ++room[edge.by];

    int64_t entries = 0;
    for (int64_t i = 0; i < count; ++i) {
        regions.start[i] = entries;
        entries += room[i];
    }
    neighbours = Buffer<Neighbour>(entries);
    parallel_for(count, threads, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            Neighbour* row = neighbours.at(regions.start[i]);
            for (int64_t at = i * k; at < (i + 1) * k; ++at)
                if (*listings.at(at) > 0)
                    row[regions.degree[i]++] = {weight(at) * *listings.at(at),
                                                *points.target.at(at)};
            regions.size[i] = 1;
            regions.first[i] = points.row[i];
            for (int64_t at = i * columns; at < (i + 1) * columns; ++at)
                regions.total[at] = std::lrintf(points.feature[at] * kStep);
        }
    });
    for (const auto& some : unlisted)
        for (const Unlisted& edge : some)
            *neighbours.at(regions.start[edge.by] + regions.degree[edge.by]++) = {edge.weight,
                                                                                  edge.of};
    return regions;
}

}  // namespace pdengine
