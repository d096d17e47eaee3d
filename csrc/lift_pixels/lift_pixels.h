// The points of each region of a map of units.
#pragma once

#include "../core/api.h"
#include "../core/rows.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct LiftPixelsParams {
    TensorView<const int32_t, 2> pixel;    // [V, N]    row * W + col, -1 where not seen
    TensorView<const int32_t, 3> regions;  // [L, H, W] unit of each pixel, -1 where none
    TensorView<const int64_t, 1> view;     // [L]       in [0, V)
    int64_t count;                         //           units
};

// Points per unit, ascending.  Throws std::invalid_argument where a point sees an id outside
// [-1, count), or where points see one unit in several layers.
PDENGINE_API Rows lift_pixels_cpu(const LiftPixelsParams& p, int threads);

}  // namespace pdengine
