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

// Some rows of an output, and the rows of features that they are paired with.
struct Rows {
    const int32_t* source;  // of each row of the output, -1 none
    int64_t begin, end;
    const void* in;    // the first row of the features
    int64_t in_bytes;  // from one row to the next
    const void* out;   // the first row of the output
    int64_t out_bytes;
};

// Lines of the cache that are asked for while a tile is summed, one a channel.
struct Ahead {
    const char* data;
    int64_t step;  // bytes; 0 asks for one line again and again, which costs next to nothing
};

}  // namespace pdengine
