// The two inner loops of a sparse convolution, each a tile of sums that stays in registers.
#pragma once

#include <cstdint>

#include "core/cpu_features.h"
#include "sparse_conv/tiles_avx2.h"
#include "sparse_conv/tiles_avx512.h"
#include "sparse_conv/tiles_portable.h"

namespace pdengine {

template <typename T>
struct Tiles {
    int rows;     // the most a tile holds
    int columns;  // the most a tile holds

    // out[r][j] += sum over c < channels of row[r][c] * panel[c][j], for r < rows and j < columns,
    // where row[r] is pairs[r].in and out[r] is pairs[r].out + first.  A row's sum does not depend
    // on the rows that share its tile.
    void (*multiply)(int rows, const Pair<T>* pairs, int64_t channels, Matrix<const T> panel,
                     int64_t first, int columns, Ahead ahead);

    // sums[r][j] = sum over p < count of pairs[p].in[from + r] * pairs[p].out[to + j], or with add,
    // += it.
    void (*outer)(int rows, const Pair<const T>* pairs, int64_t from, int64_t to, int64_t count,
                  Matrix<T> sums, int columns, bool add);

    // to[c][r] = from[r][c]
    void (*transpose)(const T* from, int64_t rows, int64_t columns, T* to);

    // Writes the pairs of the rows that have one, in their order, and up to 16 more that mean
    // nothing; returns how many have one.  nullptr: one by one is the fastest here.
    int64_t (*list)(const Rows& rows, void* pairs);
};

template <typename T>
Tiles<T> best_tiles() {
    return {6, 16, portable::multiply<T>, portable::outer<T>, portable::transpose<T>, nullptr};
}

#if defined(__x86_64__)
template <>
inline Tiles<float> best_tiles<float>() {
    if (has_avx512())
        return {8, 32, avx512::multiply, avx512::outer, avx2::transpose, avx512::list};
    if (has_avx2_fma()) return {6, 16, avx2::multiply, avx2::outer, avx2::transpose, nullptr};
    return {
        6,      16, portable::multiply<float>, portable::outer<float>, portable::transpose<float>,
        nullptr};
}
#endif

}  // namespace pdengine
