// What the tiles of a sparse convolution are given.
#pragma once

#include <cstdint>

namespace pdengine {

// A row of features and the row of the output that it adds to.
template <typename T>
struct Pair {
    const T* in;
    T* out;
};

template <typename T>
struct Matrix {
    T* data;
    int64_t step;  // from one row to the next

    T* row(int64_t i) const { return data + i * step; }
};

}  // namespace pdengine
