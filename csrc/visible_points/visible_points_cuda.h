// visible_points on a GPU.
#pragma once

#include <cstdint>

#include "core/cuda_api.h"

namespace pdengine {

struct VisibleCudaParams {
    const float* xyz;          // [N, 3]
    const float* rotation;     // [V, 3, 3] world to camera
    const float* translation;  // [V, 3]
    const float* focal;        // [V]       in half image widths
    const float* depth;        // [V, H, W] scene units, inf where nothing is drawn
    int64_t points;            //           N < 2^31
    int64_t views;             //           V
    int32_t height;            //           pixels
    int32_t width;             //           pixels
    float tolerance;           //           scene units
    int32_t* pixel;            // [V, N]    out: row * W + col, -1 where not seen
};

}  // namespace pdengine

PDENGINE_CUDA_API int pdengine_visible_points(const pdengine::VisibleCudaParams* params,
                                              void* stream);
