// Points to z-buffers: the nearest point per pixel, in every view.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct SplatParams {
    TensorView<const float, 2> xyz;          // [N, 3]
    TensorView<const float, 3> rotation;     // [V, 3, 3] world to camera
    TensorView<const float, 2> translation;  // [V, 3]
    TensorView<const float, 1> focal;        // [V]       in half image widths
    double radius_px;                        //           >= 0, of the disc around a point's pixel
    TensorView<int32_t, 3> index;            // [V, H, W] out: nearest point, -1 where none
    TensorView<float, 3> depth;              // [V, H, W] out: its depth, inf where none
};

PDENGINE_API void splat_points_cpu(const SplatParams& p, int threads);

}  // namespace pdengine
