// A typed pointer with its sizes: what the kernels see of a tensor.  Row-major, contiguous.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pdengine {

template <typename T, int Rank>
struct TensorView {
    T* data;
    std::array<int64_t, Rank> size;

    int64_t count() const {
        int64_t n = 1;
        for (int64_t s : size) n *= s;
        return n;
    }
    T* row(int64_t i) const {
        int64_t stride = 1;
        for (int d = 1; d < Rank; ++d) stride *= size[d];
        return data + i * stride;
    }
};

}  // namespace pdengine
