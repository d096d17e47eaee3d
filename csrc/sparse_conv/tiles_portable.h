// The tiles in plain C++, for any processor and for double.
#pragma once

#include <algorithm>

#include "sparse_conv/pair.h"

namespace pdengine::portable {

constexpr int kColumns = 16;

template <typename T>
void multiply(int rows, const Pair<T>* pairs, int64_t channels, Matrix<const T> panel,
              int64_t first, int columns, Ahead) {
    for (int r = 0; r < rows; ++r) {
        T sums[kColumns] = {};
        for (int64_t c = 0; c < channels; ++c)
            for (int j = 0; j < columns; ++j) sums[j] += pairs[r].in[c] * panel.row(c)[j];
        for (int j = 0; j < columns; ++j) pairs[r].out[first + j] += sums[j];
    }
}

template <typename T>
void outer(int rows, const Pair<const T>* pairs, int64_t from, int64_t to, int64_t count,
           Matrix<T> sums, int columns, bool add) {
    for (int r = 0; r < rows; ++r) {
        T total[kColumns] = {};
        for (int64_t p = 0; p < count; ++p)
            for (int j = 0; j < columns; ++j)
                total[j] += pairs[p].in[from + r] * pairs[p].out[to + j];
        for (int j = 0; j < columns; ++j)
            sums.row(r)[j] = add ? sums.row(r)[j] + total[j] : total[j];
    }
}

// Square by square, so that a line of the cache is read and written while it is there.
template <typename T>
void transpose(const T* from, int64_t rows, int64_t columns, T* to) {
    constexpr int64_t kSquare = 16;
    for (int64_t r = 0; r < rows; r += kSquare)
        for (int64_t c = 0; c < columns; c += kSquare)
            for (int64_t j = c; j < std::min(c + kSquare, columns); ++j)
                for (int64_t i = r; i < std::min(r + kSquare, rows); ++i)
                    to[j * rows + i] = from[i * columns + j];
}

}  // namespace pdengine::portable
