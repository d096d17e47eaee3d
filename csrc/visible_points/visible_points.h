// Which points each view sees, and where.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct VisibleParams {
    TensorView<const float, 2> xyz;          // [N, 3]
    TensorView<const float, 3> rotation;     // [V, 3, 3] world to camera
    TensorView<const float, 2> translation;  // [V, 3]
    TensorView<const float, 1> focal;        // [V]       in half image widths
    TensorView<const float, 3> depth;        // [V, H, W] scene units, inf where nothing is drawn
    float tolerance;                         //           scene units
    TensorView<int32_t, 2> pixel;            // [V, N]    out: row * W + col, -1 where not seen
};

PDENGINE_API void visible_points_cpu(const VisibleParams& p, int threads);

}  // namespace pdengine
