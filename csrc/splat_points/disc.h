// The disc around a pixel, said once for every backend.
#pragma once

#include <cstdint>

namespace pdengine {

constexpr int kLargestRadius = 256;

// How far the disc reaches to the left and right, dy rows from its centre.
inline int32_t disc_reach(double radius_px, int32_t dy) {
    int32_t dx = 0;
    while (static_cast<double>((dx + 1) * (dx + 1) + dy * dy) <= radius_px * radius_px) ++dx;
    return dx;
}

}  // namespace pdengine
