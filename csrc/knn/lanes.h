// The loops of the search, eight lanes at a time where the processor has AVX2.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "core/cpu_features.h"
#include "knn/tree.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pdengine {

constexpr int64_t kPast = 8;      // room past the end of what a loop reads and writes
constexpr int64_t kRanked = 128;  // so many values are sorted soonest by comparing all with all

inline float squared(float dx, float dy, float dz) {
    return (dx * dx + dy * dy) + dz * dz;
}

// The least squared distance of a point of one box to a point of the other: it rounds as the
// distances do, so what is bounded by it is bounded exactly.
inline float gap(const Box& box, const Boxes& boxes, int i) {
    float away[3];
    for (int a = 0; a < 3; ++a)
        away[a] =
            std::max(0.0f, std::max(boxes.low[a][i] - box.high[a], box.low[a] - boxes.high[a][i]));
    return squared(away[0], away[1], away[2]);
}

// The squared distances of points to a query, and their rows.
struct Found {
    std::vector<float> distance;
    std::vector<int32_t> row;

    explicit Found(int64_t most) : distance(most + kPast), row(most + kPast) {}
};

namespace portable {

// Of eight boxes, those within reach of `box`: writes their numbers from `first` on, returns how
// many.
inline int64_t within(const Boxes& boxes, int live, const Box& box, float reach, int32_t first,
                      int32_t* numbers) {
    int64_t found = 0;
    for (int i = 0; i < live; ++i) {
        numbers[found] = first + i;
        found += gap(box, boxes, i) <= reach;
    }
    return found;
}

// The points of some blocks within reach of a query; returns how many.
inline int64_t filter(const Block* blocks, const int32_t* listed, int64_t count, const float* q,
                      float reach, Found& found) {
    int64_t n = 0;
    for (int64_t b = 0; b < count; ++b) {
        const Block& block = blocks[listed[b]];
        float distance[kBlock];
        for (int i = 0; i < kBlock; ++i)
            distance[i] = squared(q[0] - block.x[i], q[1] - block.y[i], q[2] - block.z[i]);
        for (int i = 0; i < kBlock; ++i) {
            found.distance[n] = distance[i];
            found.row[n] = block.row[i];
            n += distance[i] <= reach;
        }
    }
    return n;
}

// How many of the values are less than each; false where two are equal.
inline bool rank(float* values, int64_t count, int32_t* ranks) {
    int64_t sum = 0;
    for (int64_t i = 0; i < count; ++i) {
        int32_t less = 0;
        for (int64_t j = 0; j < count; ++j) less += values[j] < values[i];
        ranks[i] = less;
        sum += less;
    }
    return sum == count * (count - 1) / 2;
}

}  // namespace portable

#if defined(__x86_64__)

#define PDENGINE_AVX2 __attribute__((target("avx2,popcnt")))

namespace avx2 {

// Byte i of entry m: the place of the i-th set bit of m.
constexpr std::array<uint64_t, 256> places_of_bits() {
    std::array<uint64_t, 256> table{};
    for (int m = 0; m < 256; ++m) {
        int found = 0;
        for (int bit = 0; bit < 8; ++bit)
            if (m >> bit & 1) table[m] |= static_cast<uint64_t>(bit) << (8 * found++);
    }
    return table;
}
inline constexpr std::array<uint64_t, 256> kPlaces = places_of_bits();

PDENGINE_AVX2 inline __m256i places(uint32_t mask) {
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<int64_t>(kPlaces[mask])));
}
PDENGINE_AVX2 inline void store(int32_t* at, __m256i value) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), value);
}
PDENGINE_AVX2 inline __m256i load(const int32_t* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
PDENGINE_AVX2 inline __m256 squared(__m256 dx, __m256 dy, __m256 dz) {
    return _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(dx, dx), _mm256_mul_ps(dy, dy)),
                         _mm256_mul_ps(dz, dz));
}

PDENGINE_AVX2 inline __m256 away(const Boxes& boxes, const Box& box, int a) {
    const __m256 above = _mm256_sub_ps(_mm256_loadu_ps(boxes.low[a]), _mm256_set1_ps(box.high[a]));
    const __m256 below = _mm256_sub_ps(_mm256_set1_ps(box.low[a]), _mm256_loadu_ps(boxes.high[a]));
    return _mm256_max_ps(_mm256_setzero_ps(), _mm256_max_ps(above, below));
}

PDENGINE_AVX2 inline int64_t within(const Boxes& boxes, int live, const Box& box, float reach,
                                    int32_t first, int32_t* numbers) {
    const __m256 gap = squared(away(boxes, box, 0), away(boxes, box, 1), away(boxes, box, 2));
    const uint32_t mask =
        _mm256_movemask_ps(_mm256_cmp_ps(gap, _mm256_set1_ps(reach), _CMP_LE_OQ)) &
        ((1u << live) - 1);
    store(numbers, _mm256_add_epi32(_mm256_set1_epi32(first), places(mask)));
    return _mm_popcnt_u32(mask);
}

PDENGINE_AVX2 inline int64_t filter(const Block* blocks, const int32_t* listed, int64_t count,
                                    const float* q, float reach, Found& found) {
    const __m256 qx = _mm256_set1_ps(q[0]), qy = _mm256_set1_ps(q[1]), qz = _mm256_set1_ps(q[2]);
    const __m256 most = _mm256_set1_ps(reach);
    float* distances = found.distance.data();
    int32_t* rows = found.row.data();
    int64_t n = 0;
    for (int64_t b = 0; b < count; ++b) {
        const Block& block = blocks[listed[b]];
        for (int i = 0; i < kBlock; i += 8) {
            const __m256 distance = squared(_mm256_sub_ps(qx, _mm256_loadu_ps(block.x + i)),
                                            _mm256_sub_ps(qy, _mm256_loadu_ps(block.y + i)),
                                            _mm256_sub_ps(qz, _mm256_loadu_ps(block.z + i)));
            const uint32_t mask = _mm256_movemask_ps(_mm256_cmp_ps(distance, most, _CMP_LE_OQ));
            const __m256i order = places(mask);
            _mm256_storeu_ps(distances + n, _mm256_permutevar8x32_ps(distance, order));
            store(rows + n, _mm256_permutevar8x32_epi32(load(block.row + i), order));
            n += _mm_popcnt_u32(mask);
        }
    }
    return n;
}

PDENGINE_AVX2 inline bool rank(float* values, int64_t count, int32_t* ranks) {
    _mm256_storeu_ps(values + count, _mm256_set1_ps(std::nanf("")));  // less than nothing is less
    __m256i sums = _mm256_setzero_si256();
    for (int64_t i = 0; i < count; i += 8) {
        const __m256 mine = _mm256_loadu_ps(values + i);
        __m256i less = _mm256_setzero_si256();
        for (int64_t j = 0; j < count; ++j)
            less = _mm256_sub_epi32(less, _mm256_castps_si256(_mm256_cmp_ps(
                                              _mm256_set1_ps(values[j]), mine, _CMP_LT_OQ)));
        store(ranks + i, less);
        sums = _mm256_add_epi32(sums, less);
    }
    int32_t sum[8];
    store(sum, sums);
    return std::accumulate(sum, sum + 8, int64_t{0}) == count * (count - 1) / 2;
}

}  // namespace avx2

#endif

// The loops that this processor runs best.
struct Lanes {
    decltype(&portable::within) within = portable::within;
    decltype(&portable::filter) filter = portable::filter;
    decltype(&portable::rank) rank = portable::rank;

    Lanes() {
#if defined(__x86_64__)
        if (!has_avx2_fma()) return;
        within = avx2::within;
        filter = avx2::filter;
        rank = avx2::rank;
#endif
    }
};

}  // namespace pdengine
