// Rows of floats, in fours, and the loops over eight of them at a time.
#pragma once

#include <cstdint>

#include "core/always_inline.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define PDENGINE_AVX2 __attribute__((target("avx2")))
#define PDENGINE_AVX2_INLINE inline __attribute__((target("avx2"), always_inline))

namespace pdengine {

// Four columns of eight rows; lane l is of row number[l].
struct Four {
    __m256 column[4];
};

PDENGINE_AVX2_INLINE Four four_of(const float* rows, int64_t width, const int32_t* number) {
    __m256 v[4];
    for (int l = 0; l < 4; ++l)
        v[l] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(rows + number[l] * width)),
                                    _mm_loadu_ps(rows + number[l + 4] * width), 1);
    const __m256 a = _mm256_unpacklo_ps(v[0], v[1]), b = _mm256_unpacklo_ps(v[2], v[3]);
    const __m256 c = _mm256_unpackhi_ps(v[0], v[1]), d = _mm256_unpackhi_ps(v[2], v[3]);
    return {{_mm256_shuffle_ps(a, b, _MM_SHUFFLE(1, 0, 1, 0)),
             _mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 2, 3, 2)),
             _mm256_shuffle_ps(c, d, _MM_SHUFFLE(1, 0, 1, 0)),
             _mm256_shuffle_ps(c, d, _MM_SHUFFLE(3, 2, 3, 2))}};
}

// Adds the squared differences of columns [begin, end) of the four to those of one row.
PDENGINE_AVX2_INLINE __m256 add_squares(__m256 square, const float* row, const Four& four,
                                        int begin, int end) {
    for (int c = begin; c < end; ++c) {
        const __m256 away = _mm256_sub_ps(_mm256_broadcast_ss(row + c), four.column[c]);
        square = _mm256_add_ps(square, _mm256_mul_ps(away, away));
    }
    return square;
}

}  // namespace pdengine
#endif
