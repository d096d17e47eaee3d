// The two inner loops of a sparse convolution, each a tile of kRows x kColumns sums in registers.
#pragma once

#include <cstdint>

#include "core/cpu_features.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pdengine {

constexpr int kRows = 6;      // 6 x 16 sums are 12 of the 16 AVX2 registers
constexpr int kColumns = 16;  // a panel of columns is padded to this width

// The step from one row to the next, and how many there are.
struct Walk {
    int64_t step;
    int64_t count;
};

template <typename T>
struct Tiles {
    // sums[r][j] = sum over c < channels of row[r][c] * panel[c][j], for r < rows <= kRows; then
    // out[r][j] += sums[r][j] for j < columns <= kColumns.
    void (*multiply)(int rows, const T* const* row, int64_t channels, const T* panel, T* const* out,
                     int columns);
    // sums[r][j] += sum over p < pairs.count of left[p * pairs.step + r] * right[p][j], for
    // r < rows; sums is [kRows][kColumns], right is [pairs][kColumns].  The pairs are summed on
    // their own first: a sum of short sums errs less than one long sum.
    void (*outer)(int rows, const T* left, Walk pairs, const T* right, T* sums);
};

namespace portable {

template <typename T>
void multiply(int rows, const T* const* row, int64_t channels, const T* panel, T* const* out,
              int columns) {
    for (int r = 0; r < rows; ++r) {
        T sums[kColumns] = {};
        for (int64_t c = 0; c < channels; ++c)
            for (int j = 0; j < kColumns; ++j) sums[j] += row[r][c] * panel[c * kColumns + j];
        for (int j = 0; j < columns; ++j) out[r][j] += sums[j];
    }
}

template <typename T>
void outer(int rows, const T* left, Walk pairs, const T* right, T* sums) {
    for (int r = 0; r < rows; ++r) {
        T total[kColumns] = {};
        for (int64_t p = 0; p < pairs.count; ++p)
            for (int j = 0; j < kColumns; ++j)
                total[j] += left[p * pairs.step + r] * right[p * kColumns + j];
        for (int j = 0; j < kColumns; ++j) sums[r * kColumns + j] += total[j];
    }
}

}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {

#define PDENGINE_AVX2 __attribute__((target("avx2,fma")))

// A row's sums do not depend on how many rows share its tile: groups may form as they like.
template <int Rows>
PDENGINE_AVX2 void multiply_rows(const float* const* row, int64_t channels, const float* panel,
                                 float* const* out, int columns) {
    __m256 sums[Rows][2];
    for (int r = 0; r < Rows; ++r) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    for (int64_t c = 0; c < channels; ++c) {
        const __m256 left = _mm256_loadu_ps(panel + c * kColumns);
        const __m256 right = _mm256_loadu_ps(panel + c * kColumns + 8);
        for (int r = 0; r < Rows; ++r) {
            const __m256 x = _mm256_broadcast_ss(row[r] + c);
            sums[r][0] = _mm256_fmadd_ps(x, left, sums[r][0]);
            sums[r][1] = _mm256_fmadd_ps(x, right, sums[r][1]);
        }
    }
    if (columns == kColumns) {
        for (int r = 0; r < Rows; ++r) {
            float* o = out[r];
            _mm256_storeu_ps(o, _mm256_add_ps(_mm256_loadu_ps(o), sums[r][0]));
            _mm256_storeu_ps(o + 8, _mm256_add_ps(_mm256_loadu_ps(o + 8), sums[r][1]));
        }
        return;
    }
    float spill[kColumns];
    for (int r = 0; r < Rows; ++r) {
        _mm256_storeu_ps(spill, sums[r][0]);
        _mm256_storeu_ps(spill + 8, sums[r][1]);
        for (int j = 0; j < columns; ++j) out[r][j] += spill[j];
    }
}

template <int Rows>
PDENGINE_AVX2 void outer_rows(const float* left, Walk pairs, const float* right, float* sums) {
    __m256 total[Rows][2];
    for (int r = 0; r < Rows; ++r) total[r][0] = total[r][1] = _mm256_setzero_ps();
    for (int64_t p = 0; p < pairs.count; ++p) {
        const __m256 low = _mm256_loadu_ps(right + p * kColumns);
        const __m256 high = _mm256_loadu_ps(right + p * kColumns + 8);
        for (int r = 0; r < Rows; ++r) {
            const __m256 x = _mm256_broadcast_ss(left + p * pairs.step + r);
            total[r][0] = _mm256_fmadd_ps(x, low, total[r][0]);
            total[r][1] = _mm256_fmadd_ps(x, high, total[r][1]);
        }
    }
    for (int r = 0; r < Rows; ++r) {
        float* s = sums + r * kColumns;
        _mm256_storeu_ps(s, _mm256_add_ps(_mm256_loadu_ps(s), total[r][0]));
        _mm256_storeu_ps(s + 8, _mm256_add_ps(_mm256_loadu_ps(s + 8), total[r][1]));
    }
}

inline void multiply(int rows, const float* const* row, int64_t channels, const float* panel,
                     float* const* out, int columns) {
    static constexpr decltype(&multiply_rows<1>) kBy[] = {multiply_rows<1>, multiply_rows<2>,
                                                          multiply_rows<3>, multiply_rows<4>,
                                                          multiply_rows<5>, multiply_rows<6>};
    kBy[rows - 1](row, channels, panel, out, columns);
}

inline void outer(int rows, const float* left, Walk pairs, const float* right, float* sums) {
    static constexpr decltype(&outer_rows<1>) kBy[] = {outer_rows<1>, outer_rows<2>, outer_rows<3>,
                                                       outer_rows<4>, outer_rows<5>, outer_rows<6>};
    kBy[rows - 1](left, pairs, right, sums);
}

}  // namespace avx2
#endif

template <typename T>
Tiles<T> best_tiles() {
    return {portable::multiply<T>, portable::outer<T>};
}

template <>
inline Tiles<float> best_tiles<float>() {
#if defined(__x86_64__)
    if (has_avx2_fma()) return {avx2::multiply, avx2::outer};
#endif
    return {portable::multiply<float>, portable::outer<float>};
}

}  // namespace pdengine
