// splat_points on a GPU.
#pragma once

#include <cstdint>

#include "core/cuda_api.h"

namespace pdengine {

struct SplatCudaParams {
    const float* xyz;          // [N, 3]
    const float* rotation;     // [V, 3, 3] world to camera
    const float* translation;  // [V, 3]
    const float* focal;        // [V]       in half image widths
    int64_t points;            //           N < 2^31
    int64_t views;             //           V
    int32_t height;            //           pixels
    int32_t width;             //           pixels
    double radius_px;          //           in [0, 256]
    int32_t margin;            //           M: int(radius_px) draws one pixel a point and dilates,
                               //           0 draws the discs
    uint64_t* key;             // [V, H + 2 M, W + 2 M] scratch
    int32_t* index;            // [V, H, W] out: nearest point, -1 where none
    float* depth;              // [V, H, W] out: its depth, inf where none
};

}  // namespace pdengine

PDENGINE_CUDA_API int pdengine_splat_points(const pdengine::SplatCudaParams* params, void* stream);
