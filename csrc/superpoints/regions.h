// Regions of points and what borders them.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "core/large_pages.h"

namespace pdengine {

struct Neighbour {
    int64_t weight;  // of all edges between the two, in steps
    int32_t region;
};

// Room for many values, not written before they are known.
template <typename T>
class Buffer {
  public:
    explicit Buffer(int64_t count) : data_(new T[count]) {
        use_large_pages(data_.get(), count * sizeof(T));
    }
    T* at(int64_t i) const { return data_.get() + i; }

  private:
    std::unique_ptr<T[]> data_;
};

// Regions and their neighbours.
struct Regions {
    int64_t count = 0;
    std::vector<int64_t> start;   // [R] into neighbours
    std::vector<int32_t> degree;  // [R]
    std::vector<int32_t> size;    // [R] points
    std::vector<int32_t> first;   // [R] the caller's first point of each
    std::vector<int64_t> total;   // [R, C] sum of the features, in steps

    Regions(int64_t regions, int64_t columns)
        : count(regions),
          start(regions),
          degree(regions),
          size(regions),
          first(regions),
          total(regions * columns) {}
};

// Over kColumns columns, or `columns` where that is not known before: known, it is unrolled.
template <int kColumns = -1>
float squared_distance(const float* a, const float* b, int64_t columns = kColumns) {
    if constexpr (kColumns >= 0) columns = kColumns;
    float square = 0;
    for (int64_t c = 0; c < columns; ++c) {
        const float difference = a[c] - b[c];
        square += difference * difference;
    }
    return square;
}

// Calls body with the number of columns as a constant: normals, normals and colours, or any (-1).
template <typename Body>
void with_columns(int64_t columns, const Body& body) {
    if (columns == 3)
        body(std::integral_constant<int, 3>{});
    else if (columns == 6)
        body(std::integral_constant<int, 6>{});
    else
        body(std::integral_constant<int, -1>{});
}

}  // namespace pdengine
