// The edges between points, each with its weight, at both of its ends.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <vector>

#include "core/always_inline.h"
#include "core/parallel.h"
#include "superpoints/points.h"

namespace pdengine {

namespace portable {

// The weights of a point's edges, in steps.
inline void weigh(const Lengths& lengths, int64_t begin, int64_t width, int32_t* weight) {
    for (int64_t a = 0; a < width; ++a) {
        const float away = 1 + *lengths.away.at(begin + a) / lengths.longest[0] / lengths.mean[0] +
                           *lengths.unlike.at(begin + a) / lengths.longest[1] / lengths.mean[1];
        const float nearness = 1 / away;
        weight[a] =
            std::max<int32_t>(static_cast<int32_t>(std::lrintf(nearness * nearness * kStep)), 1);
    }
}

// How often a list names a point.
inline int times(const int32_t* list, int64_t width, int64_t point) {
    int found = 0;
    for (int64_t a = 0; a < width; ++a) found += list[a] == static_cast<int32_t>(point);
    return found;
}

}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {

PDENGINE_AVX2 inline void weigh(const Lengths& lengths, int64_t begin, int64_t width,
                                int32_t* weight) {
    const __m256 one = _mm256_set1_ps(1.0f);
    const auto relative = [&](const Buffer<float>& of, int64_t at, int which) PDENGINE_AVX2 {
        return _mm256_div_ps(
            _mm256_div_ps(_mm256_loadu_ps(of.at(at)), _mm256_set1_ps(lengths.longest[which])),
            _mm256_set1_ps(lengths.mean[which]));
    };
    for (int64_t a = 0; a < width; a += kLanes) {
        const __m256 away = _mm256_add_ps(_mm256_add_ps(one, relative(lengths.away, begin + a, 0)),
                                          relative(lengths.unlike, begin + a, 1));
        const __m256 nearness = _mm256_div_ps(one, away);
        const __m256i steps = _mm256_cvtps_epi32(
            _mm256_mul_ps(_mm256_mul_ps(nearness, nearness), _mm256_set1_ps(kStep)));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(weight + a),
                            _mm256_max_epi32(steps, _mm256_set1_epi32(1)));
    }
}

PDENGINE_AVX2 inline int times(const int32_t* list, int64_t width, int64_t point) {
    const __m256i wanted = _mm256_set1_epi32(static_cast<int32_t>(point));
    int found = 0;
    for (int64_t a = 0; a < width; a += kLanes) {
        const __m256i same = _mm256_cmpeq_epi32(
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(list + a)), wanted);
        found += __builtin_popcount(_mm256_movemask_ps(_mm256_castsi256_ps(same)));
    }
    return found;
}

}  // namespace avx2
#endif

// An edge that its other end does not list.
template <typename Weight>
struct Unlisted {
    int32_t by, of;
    Weight weight;
};

// The edges as their points list them.
template <typename Weight>
struct Edges {
    const Points& points;
    const Lengths& lengths;
    Buffer<Weight> weight;      // [N, width] of each edge by its two ends; 0 where it came before
    std::vector<int32_t> room;  // [N] edges
};

// Finds the edges of points [begin, end); returns the weight of the heaviest.
template <typename Weight, typename Weigh, typename Times>
PDENGINE_INLINE int64_t find_edges(Edges<Weight>& edges, int64_t begin, int64_t end,
                                   std::vector<Unlisted<Weight>>& unlisted, const Weigh& weigh,
                                   const Times& times) {
    const int64_t width = edges.points.width;
    std::vector<int32_t> weights(width);
    int64_t most = 0;
    for (int64_t i = begin; i < end; ++i) {
        const int32_t* target = edges.points.target.at(i * width);
        Weight* row = edges.weight.at(i * width);
        weigh(edges.lengths, i * width, width, weights.data());
        int32_t room = 0;
        for (int64_t a = 0; a < width; ++a) {
            row[a] = 0;
            const int32_t other = target[a];
            if (other == i) continue;
            const int own = times(target, width, other);
            if (own > 1 && std::find(target, target + a, other) != target + a) continue;
            const int theirs = times(edges.points.target.at(other * width), width, i);
            const int64_t heavy = int64_t{weights[a]} * (own + theirs);
            most = std::max(most, heavy);
            row[a] = static_cast<Weight>(heavy);
            if (theirs == 0) unlisted.push_back({other, static_cast<int32_t>(i), row[a]});
            ++room;
        }
        edges.room[i] = room;
    }
    return most;
}

template <typename Weight>
int64_t find_edges_portable(Edges<Weight>& edges, int64_t begin, int64_t end,
                            std::vector<Unlisted<Weight>>& unlisted) {
    return find_edges(edges, begin, end, unlisted, portable::weigh, portable::times);
}

#if defined(__x86_64__)
template <typename Weight>
PDENGINE_AVX2 int64_t find_edges_avx2(Edges<Weight>& edges, int64_t begin, int64_t end,
                                      std::vector<Unlisted<Weight>>& unlisted) {
    return find_edges(edges, begin, end, unlisted, avx2::weigh, avx2::times);
}
#endif

// A region per point.  Both ends of an edge get it, also where only one lists it.  False where an
// edge weighs more than Weight holds.
template <typename Weight>
bool single_points(const Points& points, Regions& regions, Buffer<Neighbour<Weight>>& neighbours,
                   int threads) {
    const int64_t count = points.count, columns = points.columns, width = points.width;
    const Lengths lengths = measure(points, threads);
    auto find = find_edges_portable<Weight>;
#if defined(__x86_64__)
    if (simd() != Simd::portable) find = find_edges_avx2<Weight>;
#endif
    Edges<Weight> edges{points, lengths, Buffer<Weight>(count * width),
                        std::vector<int32_t>(count)};
    std::vector<std::vector<Unlisted<Weight>>> unlisted;
    std::mutex lock;
    bool fits = true;
    parallel_for(count, threads, [&](int64_t begin, int64_t end) {
        std::vector<Unlisted<Weight>> mine;
        const int64_t most = find(edges, begin, end, mine);
        std::lock_guard<std::mutex> guard(lock);
        unlisted.push_back(std::move(mine));
        fits = fits && most <= std::numeric_limits<Weight>::max();
    });
    if (!fits) return false;
    for (const auto& some : unlisted)
        for (const Unlisted<Weight>& edge : some) ++edges.room[edge.by];

    int64_t entries = 0;
    for (int64_t i = 0; i < count; ++i) {
        regions.start[i] = entries;
        entries += edges.room[i];
    }
    neighbours = Buffer<Neighbour<Weight>>(entries + kPast);
    parallel_for(count, threads, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            Neighbour<Weight>* row = neighbours.at(regions.start[i]);
            for (int64_t at = i * width; at < (i + 1) * width; ++at)
                if (*edges.weight.at(at) > 0)
                    row[regions.degree[i]++] = {*edges.weight.at(at), *points.target.at(at)};
            regions.size[i] = 1;
            regions.first[i] = points.row[i];
            for (int64_t c = 0; c < columns; ++c)
                regions.total[i * columns + c] = std::lrintf(points.of(i)[3 + c] * kStep);
        }
    });
    for (const auto& some : unlisted)
        for (const Unlisted<Weight>& edge : some)
            *neighbours.at(regions.start[edge.by] + regions.degree[edge.by]++) = {edge.weight,
                                                                                  edge.of};
    return true;
}

}  // namespace pdengine
