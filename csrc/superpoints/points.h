// The points in an order in which near ones are near in memory, and how far apart listed ones are.
#pragma once

#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include "core/cpu_features.h"
#include "core/parallel.h"
#include "core/spatial_order.h"
#include "superpoints/fours.h"
#include "superpoints/regions.h"
#include "superpoints/superpoints.h"

namespace pdengine {

// Regions are numbered along the order of the points, so their numbers say nothing; their first
// points do.
struct Points {
    int64_t count, columns;
    int64_t fours;             // of the floats of a point
    int64_t width;             // of a list, whole lanes
    std::vector<int32_t> row;  // [N] of the caller's tensors
    Buffer<float> about;       // [N, 4 fours] position, features, zeros
    Buffer<int32_t> target;    // [N, width] as the points are numbered here; filled up with itself,
                               // which is no edge

    const float* of(int64_t i) const { return about.at(i * fours * 4); }
};

inline Points gather(const SuperpointsParams& p, int threads) {
    const int64_t count = p.graph.size[0], k = p.graph.size[1], columns = p.features.size[1];
    const int64_t fours = (columns + 6) / 4, width = whole_lanes(k);
    Points points{count,
                  columns,
                  fours,
                  width,
                  spatial_order(p.positions),
                  Buffer<float>(count * fours * 4),
                  Buffer<int32_t>(count * width)};
    std::vector<int32_t> number(count);
    for (int64_t i = 0; i < count; ++i) number[points.row[i]] = static_cast<int32_t>(i);
    parallel_for(count, threads, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int32_t row = points.row[i];
            float* about = points.about.at(i * fours * 4);
            std::copy_n(p.positions.row(row), 3, about);
            std::copy_n(p.features.row(row), columns, about + 3);
            std::fill(about + 3 + columns, about + fours * 4, 0.0f);
            int32_t* target = points.target.at(i * width);
            for (int64_t a = 0; a < k; ++a) target[a] = number[p.graph.row(row)[a]];
            std::fill(target + k, target + width, static_cast<int32_t>(i));
        }
    });
    return points;
}

// How long the edges are that the points list, and over all of them the longest and the mean of
// every length as a share of it.
struct Lengths {
    Buffer<float> away, unlike;  // [N, width] in position and in feature
    float longest[2] = {0, 0};
    float mean[2] = {1, 1};
};

namespace portable {

inline void measure(const Points& points, int64_t begin, int64_t end, const Lengths& lengths,
                    float* longest) {
    for (int64_t i = begin; i < end; ++i) {
        for (int64_t at = i * points.width; at < (i + 1) * points.width; ++at) {
            const float *one = points.of(i), *other = points.of(*points.target.at(at));
            *lengths.away.at(at) = std::sqrt(squared_distance(one, other, 3));
            *lengths.unlike.at(at) =
                std::sqrt(squared_distance(one + 3, other + 3, points.columns));
            longest[0] = std::max(longest[0], *lengths.away.at(at));
            longest[1] = std::max(longest[1], *lengths.unlike.at(at));
        }
    }
}

inline int64_t sum_of_shares(const float* length, int64_t count, float longest) {
    int64_t sum = 0;
    for (int64_t at = 0; at < count; ++at) sum += std::lrintf(length[at] / longest * kMeanStep);
    return sum;
}

}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {

template <int kFours>
PDENGINE_AVX2 inline void measure(const Points& points, int64_t begin, int64_t end,
                                  const Lengths& lengths, float* longest) {
    const int64_t fours = kFours > 0 ? kFours : points.fours;
    __m256 most[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (int64_t i = begin; i < end; ++i) {
        const float* one = points.of(i);
        for (int64_t at = i * points.width; at < (i + 1) * points.width; at += kLanes) {
            const int32_t* target = points.target.at(at);
            __m256 squares[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
            for (int64_t f = 0; f < fours; ++f) {
                const Four other = four_of(points.of(0) + 4 * f, fours * 4, target);
                if (f == 0) squares[0] = add_squares(squares[0], one, other, 0, 3);
                squares[1] = add_squares(squares[1], one + 4 * f, other, f == 0 ? 3 : 0, 4);
            }
            for (int of = 0; of < 2; ++of) {
                const __m256 length = _mm256_sqrt_ps(squares[of]);
                _mm256_storeu_ps((of == 0 ? lengths.away : lengths.unlike).at(at), length);
                most[of] = _mm256_max_ps(most[of], length);
            }
        }
    }
    for (int of = 0; of < 2; ++of) {
        alignas(32) float lane[kLanes];
        _mm256_store_ps(lane, most[of]);
        longest[of] = *std::max_element(lane, lane + kLanes);
    }
}

PDENGINE_AVX2 inline int64_t sum_of_shares(const float* length, int64_t count, float longest) {
    const __m256 whole = _mm256_set1_ps(longest), step = _mm256_set1_ps(kMeanStep);
    __m256i sum = _mm256_setzero_si256();
    for (int64_t at = 0; at < count; at += kLanes) {
        const __m256 share = _mm256_div_ps(_mm256_loadu_ps(length + at), whole);
        const __m256i steps = _mm256_cvtps_epi32(_mm256_mul_ps(share, step));
        sum = _mm256_add_epi64(sum, _mm256_cvtepi32_epi64(_mm256_castsi256_si128(steps)));
        sum = _mm256_add_epi64(sum, _mm256_cvtepi32_epi64(_mm256_extracti128_si256(steps, 1)));
    }
    alignas(32) int64_t lane[4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(lane), sum);
    return lane[0] + lane[1] + lane[2] + lane[3];
}

}  // namespace avx2
#endif

inline Lengths measure(const Points& points, int threads) {
    const int64_t width = points.width;
    Lengths lengths{Buffer<float>(points.count * width), Buffer<float>(points.count * width)};
    auto measure = portable::measure;
    auto sum_of_shares = portable::sum_of_shares;
#if defined(__x86_64__)
    if (simd() != Simd::portable) {
        measure = points.fours == 2   ? avx2::measure<2>
                  : points.fours == 3 ? avx2::measure<3>
                                      : avx2::measure<0>;
        sum_of_shares = avx2::sum_of_shares;
    }
#endif
    int64_t edges = 0, steps[2] = {0, 0};
    std::mutex lock;
    parallel_for(points.count, threads, [&](int64_t begin, int64_t end) {
        float most[2] = {0, 0};
        measure(points, begin, end, lengths, most);
        int64_t mine = 0;
        for (int64_t i = begin; i < end; ++i)
            for (int64_t at = i * width; at < (i + 1) * width; ++at)
                mine += *points.target.at(at) != i;
        std::lock_guard<std::mutex> guard(lock);
        for (int of = 0; of < 2; ++of)
            lengths.longest[of] = std::max(lengths.longest[of], most[of]);
        edges += mine;
    });
    parallel_for(points.count, threads, [&](int64_t begin, int64_t end) {
        int64_t sums[2] = {0, 0};
        for (int of = 0; of < 2; ++of)
            if (lengths.longest[of] > 0)
                sums[of] =
                    sum_of_shares((of == 0 ? lengths.away : lengths.unlike).at(begin * width),
                                  (end - begin) * width, lengths.longest[of]);
        std::lock_guard<std::mutex> guard(lock);  // sums of integers, in any order
        for (int of = 0; of < 2; ++of) steps[of] += sums[of];
    });
    for (int of = 0; of < 2; ++of) {
        if (lengths.longest[of] > 0)
            lengths.mean[of] =
                static_cast<float>(static_cast<double>(steps[of]) /
                                   (static_cast<double>(kMeanStep) * static_cast<double>(edges)));
        else
            lengths.longest[of] = 1;  // all are 0, and so is their share of anything
    }
    return lengths;
}

}  // namespace pdengine
