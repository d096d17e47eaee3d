// Regions of points and what borders them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/large_pages.h"

namespace pdengine {

// The weight of all edges between two regions, in steps.  Half of the time goes by with reading and
// writing these: 32 bits suffice for borders of 16,000 edges, and who has longer ones takes 64.
template <typename Weight>
struct Neighbour {
    Weight weight;
    int32_t region;
};

constexpr int64_t kPast = 8;  // so many neighbours past the last of a row may be read

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

// The lanes of AVX2, and how many of them `values` fill.
constexpr int64_t kLanes = 8;
inline int64_t whole_lanes(int64_t values) {
    return (values + kLanes - 1) / kLanes * kLanes;
}

inline float squared_distance(const float* a, const float* b, int64_t columns) {
    float square = 0;
    for (int64_t c = 0; c < columns; ++c) {
        const float difference = a[c] - b[c];
        square += difference * difference;
    }
    return square;
}

}  // namespace pdengine
