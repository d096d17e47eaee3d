// The tiles in AVX2 with FMA: 6 rows of 16 sums are 12 of the 16 registers.
#pragma once

#include "sparse_conv/pair.h"
#include "sparse_conv/tiles_portable.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define PDENGINE_AVX2 __attribute__((target("avx2,fma")))

namespace pdengine::avx2 {

// All bits set in the lanes of the low and high 8 columns that exist.
struct Lanes {
    __m256i low, high;
};

PDENGINE_AVX2 inline Lanes lanes(int columns) {
    const __m256i all = _mm256_set1_epi32(columns);
    return {_mm256_cmpgt_epi32(all, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
            _mm256_cmpgt_epi32(all, _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15))};
}

template <int Rows>
PDENGINE_AVX2 void multiply_rows(const Pair<float>* pairs, int64_t channels,
                                 Matrix<const float> panel, int64_t first, int columns,
                                 Ahead ahead) {
    const Lanes lane = lanes(columns);
    const float* row[Rows];
    __m256 sums[Rows][2];
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
        row[r] = pairs[r].in;
        sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    }
    const float* line = panel.data;
    for (int64_t c = 0; c < channels; ++c, line += panel.step, ahead.data += ahead.step) {
        __builtin_prefetch(ahead.data);
        const __m256 low = _mm256_maskload_ps(line, lane.low);
        const __m256 high = _mm256_maskload_ps(line + 8, lane.high);
#pragma GCC unroll 6
        for (int r = 0; r < Rows; ++r) {
            const __m256 x = _mm256_broadcast_ss(row[r] + c);
            sums[r][0] = _mm256_fmadd_ps(x, low, sums[r][0]);
            sums[r][1] = _mm256_fmadd_ps(x, high, sums[r][1]);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
        float* out = pairs[r].out + first;
        const __m256 low = _mm256_maskload_ps(out, lane.low);
        const __m256 high = _mm256_maskload_ps(out + 8, lane.high);
        _mm256_maskstore_ps(out, lane.low, _mm256_add_ps(low, sums[r][0]));
        _mm256_maskstore_ps(out + 8, lane.high, _mm256_add_ps(high, sums[r][1]));
    }
}

template <int Rows>
PDENGINE_AVX2 void outer_rows(const Pair<const float>* pairs, int64_t from, int64_t to,
                              int64_t count, Matrix<float> sums, int columns, bool add) {
    const Lanes lane = lanes(columns);
    __m256 total[Rows][2];
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) total[r][0] = total[r][1] = _mm256_setzero_ps();
    for (int64_t p = 0; p < count; ++p) {
        const float *x = pairs[p].in + from, *line = pairs[p].out + to;
        const __m256 low = _mm256_maskload_ps(line, lane.low);
        const __m256 high = _mm256_maskload_ps(line + 8, lane.high);
#pragma GCC unroll 6
        for (int r = 0; r < Rows; ++r) {
            const __m256 scale = _mm256_broadcast_ss(x + r);
            total[r][0] = _mm256_fmadd_ps(scale, low, total[r][0]);
            total[r][1] = _mm256_fmadd_ps(scale, high, total[r][1]);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
        float* out = sums.row(r);
        if (add) {
            total[r][0] = _mm256_add_ps(_mm256_maskload_ps(out, lane.low), total[r][0]);
            total[r][1] = _mm256_add_ps(_mm256_maskload_ps(out + 8, lane.high), total[r][1]);
        }
        _mm256_maskstore_ps(out, lane.low, total[r][0]);
        _mm256_maskstore_ps(out + 8, lane.high, total[r][1]);
    }
}

inline void multiply(int rows, const Pair<float>* pairs, int64_t channels,
                     Matrix<const float> panel, int64_t first, int columns, Ahead ahead) {
    static constexpr decltype(&multiply_rows<1>) kBy[] = {multiply_rows<1>, multiply_rows<2>,
                                                          multiply_rows<3>, multiply_rows<4>,
                                                          multiply_rows<5>, multiply_rows<6>};
    kBy[rows - 1](pairs, channels, panel, first, columns, ahead);
}

inline void outer(int rows, const Pair<const float>* pairs, int64_t from, int64_t to, int64_t count,
                  Matrix<float> sums, int columns, bool add) {
    static constexpr decltype(&outer_rows<1>) kBy[] = {outer_rows<1>, outer_rows<2>, outer_rows<3>,
                                                       outer_rows<4>, outer_rows<5>, outer_rows<6>};
    kBy[rows - 1](pairs, from, to, count, sums, columns, add);
}

PDENGINE_AVX2 inline void transpose_square(const float* from, int64_t step, float* to,
                                           int64_t to_step) {
    __m256 a[8], b[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) a[i] = _mm256_loadu_ps(from + i * step);
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2) {
        b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < 8; i += 4) {
        a[i] = _mm256_shuffle_ps(b[i], b[i + 2], 0x44);
        a[i + 1] = _mm256_shuffle_ps(b[i], b[i + 2], 0xEE);
        a[i + 2] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0x44);
        a[i + 3] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0xEE);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        _mm256_storeu_ps(to + i * to_step, _mm256_permute2f128_ps(a[i], a[i + 4], 0x20));
        _mm256_storeu_ps(to + (i + 4) * to_step, _mm256_permute2f128_ps(a[i], a[i + 4], 0x31));
    }
}

inline void transpose(const float* from, int64_t rows, int64_t columns, float* to) {
    if (rows % 8 != 0 || columns % 8 != 0) return portable::transpose(from, rows, columns, to);
    for (int64_t c = 0; c < columns; c += 8)
        for (int64_t r = 0; r < rows; r += 8)
            transpose_square(from + r * columns + c, columns, to + c * rows + r, rows);
}

}  // namespace pdengine::avx2
#endif
