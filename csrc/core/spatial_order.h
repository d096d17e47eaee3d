// An order of points in which near ones are near in memory too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/radix_sort.h"
#include "core/tensor_view.h"

namespace pdengine {

// The bits of a 7-bit number, two apart.
inline uint64_t spread(uint64_t bits) {
    bits = (bits | bits << 8) & 0x0000f00f;
    bits = (bits | bits << 4) & 0x000c30c3;
    return (bits | bits << 2) & 0x00249249;
}

// The rows of points [N, 3], at least one, along a Z-curve through 128 cells a side.
inline std::vector<int32_t> spatial_order(const TensorView<const float, 2>& positions) {
    constexpr float kCells = 128;
    const int64_t count = positions.size[0];
    float low[3], high[3], scale[3];
    for (int axis = 0; axis < 3; ++axis) low[axis] = high[axis] = positions.data[axis];
    for (int64_t i = 0; i < count; ++i) {
        for (int axis = 0; axis < 3; ++axis) {
            low[axis] = std::min(low[axis], positions.row(i)[axis]);
            high[axis] = std::max(high[axis], positions.row(i)[axis]);
        }
    }
    for (int axis = 0; axis < 3; ++axis) scale[axis] = 0.999f * kCells / (high[axis] - low[axis]);
    std::vector<KeyedRow> cells(count);
    for (int64_t i = 0; i < count; ++i) {
        uint64_t key = 0;
        for (int axis = 0; axis < 3; ++axis) {
            // An axis without extent has no number here, and fails the comparison.
            const float cell = (positions.row(i)[axis] - low[axis]) * scale[axis];
            key |= spread(cell > 0 ? static_cast<uint64_t>(std::min(cell, kCells - 1)) : 0) << axis;
        }
        cells[i] = {key, i};
    }
    radix_sort(cells, 21);
    std::vector<int32_t> order(count);
    for (int64_t i = 0; i < count; ++i) order[i] = static_cast<int32_t>(cells[i].row);
    return order;
}

}  // namespace pdengine
