// The points inside each box.
#pragma once

#include "../core/api.h"
#include "../core/rows.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct LiftBoxesParams {
    TensorView<const int32_t, 2> pixel;  // [V, N] row * W + col, -1 where the view does not see it
    TensorView<const float, 2> boxes;    // [B, 4] XYXY in pixels
    TensorView<const int64_t, 1> view;   // [B]    in [0, V)
    int32_t height;                      //        pixels
    int32_t width;                       //        pixels
};

// Points per box, ascending.
PDENGINE_API Rows lift_boxes_cpu(const LiftBoxesParams& p, int threads);

}  // namespace pdengine
