// The tiles in AVX-512: 8 rows of 32 sums are 16 of the 32 registers, and 8 row pointers fit too.
#pragma once

#include "sparse_conv/pair.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define PDENGINE_AVX512 __attribute__((target("avx512f")))

namespace pdengine::avx512 {

// Lanes of the low and high 16 columns that exist.
struct Lanes {
    __mmask16 low, high;
};

// All lanes, known to the compiler: a store under a mask takes several times as long as one
// without.
struct AllLanes {
    static constexpr __mmask16 low = 0xffff, high = 0xffff;
};

inline Lanes lanes(int columns) {
    const uint32_t bits = columns >= 32 ? ~0U : (1U << columns) - 1;
    return {static_cast<__mmask16>(bits), static_cast<__mmask16>(bits >> 16)};
}

template <int Rows, typename L>
PDENGINE_AVX512 void multiply_rows(const Pair<float>* pairs, int64_t channels,
                                   Matrix<const float> panel, int64_t first, L lane, Ahead ahead) {
    const float* row[Rows];
    __m512 sums[Rows][2];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
        row[r] = pairs[r].in;
        sums[r][0] = sums[r][1] = _mm512_setzero_ps();
    }
    const float* line = panel.data;
    for (int64_t c = 0; c < channels; ++c, line += panel.step, ahead.data += ahead.step) {
        __builtin_prefetch(ahead.data);
        const __m512 low = _mm512_maskz_loadu_ps(lane.low, line);
        const __m512 high = _mm512_maskz_loadu_ps(lane.high, line + 16);
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) {
            const __m512 x = _mm512_set1_ps(row[r][c]);
            sums[r][0] = _mm512_fmadd_ps(x, low, sums[r][0]);
            sums[r][1] = _mm512_fmadd_ps(x, high, sums[r][1]);
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
        float* out = pairs[r].out + first;
        const __m512 low = _mm512_maskz_loadu_ps(lane.low, out);
        const __m512 high = _mm512_maskz_loadu_ps(lane.high, out + 16);
        _mm512_mask_storeu_ps(out, lane.low, _mm512_add_ps(low, sums[r][0]));
        _mm512_mask_storeu_ps(out + 16, lane.high, _mm512_add_ps(high, sums[r][1]));
    }
}

template <int Rows, typename L>
PDENGINE_AVX512 void outer_rows(const Pair<const float>* pairs, int64_t from, int64_t to,
                                int64_t count, Matrix<float> sums, L lane, bool add) {
    __m512 total[Rows][2];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) total[r][0] = total[r][1] = _mm512_setzero_ps();
    for (int64_t p = 0; p < count; ++p) {
        const float *x = pairs[p].in + from, *line = pairs[p].out + to;
        const __m512 low = _mm512_maskz_loadu_ps(lane.low, line);
        const __m512 high = _mm512_maskz_loadu_ps(lane.high, line + 16);
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) {
            const __m512 scale = _mm512_set1_ps(x[r]);
            total[r][0] = _mm512_fmadd_ps(scale, low, total[r][0]);
            total[r][1] = _mm512_fmadd_ps(scale, high, total[r][1]);
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
        float* out = sums.row(r);
        if (add) {
            total[r][0] = _mm512_add_ps(_mm512_maskz_loadu_ps(lane.low, out), total[r][0]);
            total[r][1] = _mm512_add_ps(_mm512_maskz_loadu_ps(lane.high, out + 16), total[r][1]);
        }
        _mm512_mask_storeu_ps(out, lane.low, total[r][0]);
        _mm512_mask_storeu_ps(out + 16, lane.high, total[r][1]);
    }
}

template <typename L>
inline constexpr decltype(&multiply_rows<1, L>) kMultiply[] = {
    multiply_rows<1, L>, multiply_rows<2, L>, multiply_rows<3, L>, multiply_rows<4, L>,
    multiply_rows<5, L>, multiply_rows<6, L>, multiply_rows<7, L>, multiply_rows<8, L>};

template <typename L>
inline constexpr decltype(&outer_rows<1, L>) kOuter[] = {
    outer_rows<1, L>, outer_rows<2, L>, outer_rows<3, L>, outer_rows<4, L>,
    outer_rows<5, L>, outer_rows<6, L>, outer_rows<7, L>, outer_rows<8, L>};

inline void multiply(int rows, const Pair<float>* pairs, int64_t channels,
                     Matrix<const float> panel, int64_t first, int columns, Ahead ahead) {
    if (columns == 32)
        kMultiply<AllLanes>[rows - 1](pairs, channels, panel, first, {}, ahead);
    else
        kMultiply<Lanes>[rows - 1](pairs, channels, panel, first, lanes(columns), ahead);
}

inline void outer(int rows, const Pair<const float>* pairs, int64_t from, int64_t to, int64_t count,
                  Matrix<float> sums, int columns, bool add) {
    if (columns == 32)
        kOuter<AllLanes>[rows - 1](pairs, from, to, count, sums, {}, add);
    else
        kOuter<Lanes>[rows - 1](pairs, from, to, count, sums, lanes(columns), add);
}

// The addresses of eight rows.
PDENGINE_AVX512 inline __m512i addresses(const void* first, int64_t bytes, __m256i row) {
    const __m512i past = _mm512_mul_epu32(_mm512_cvtepu32_epi64(row), _mm512_set1_epi64(bytes));
    return _mm512_add_epi64(_mm512_set1_epi64(reinterpret_cast<int64_t>(first)), past);
}

PDENGINE_AVX512 inline void store_eight(const Rows& rows, __m256i in, __m256i out, char* to) {
    const __m512i x = addresses(rows.in, rows.in_bytes, in);
    const __m512i y = addresses(rows.out, rows.out_bytes, out);
    const __m512i low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    const __m512i high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi64(x, low, y));
    _mm512_storeu_si512(to + 64, _mm512_permutex2var_epi64(x, high, y));
}

// Sixteen rows at a time, of which those that have a pair move together.  One by one it takes a
// fifth of the time of a small shape's convolutions, as long as half of their products.
PDENGINE_AVX512 inline int64_t list(const Rows& rows, void* pairs) {
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    int64_t count = 0;
    for (int64_t m = rows.begin; m < rows.end; m += 16) {
        const int64_t left = rows.end - m;
        const auto exist = static_cast<__mmask16>(left < 16 ? (1U << left) - 1 : 0xffff);
        const __m512i from = _mm512_maskz_loadu_epi32(exist, rows.source + m);
        const __mmask16 some = _mm512_mask_cmpge_epi32_mask(exist, from, _mm512_setzero_si512());
        const __m512i at = _mm512_add_epi32(lane, _mm512_set1_epi32(static_cast<int>(m)));
        const __m512i in = _mm512_maskz_compress_epi32(some, from);
        const __m512i out = _mm512_maskz_compress_epi32(some, at);
        char* to = static_cast<char*>(pairs) + count * static_cast<int64_t>(sizeof(Pair<float>));
        store_eight(rows, _mm512_castsi512_si256(in), _mm512_castsi512_si256(out), to);
        store_eight(rows, _mm512_extracti64x4_epi64(in, 1), _mm512_extracti64x4_epi64(out, 1),
                    to + 128);
        count += __builtin_popcount(some);
    }
    return count;
}

}  // namespace pdengine::avx512
#endif
