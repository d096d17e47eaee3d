// lift_seen on a GPU: two walks over the points of each view.
#pragma once

#include <cstdint>

#include "core/cuda_api.h"

namespace pdengine {

struct LiftSeenCudaParams {
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
    const float* boxes;        // [L, 4]    XYXY in pixels, box l is unit l; null where regions are
    const int32_t* regions;    // [L, H, W] unit of each pixel, -1 where none; null where boxes are
    const int64_t* view;       // [L]       of each layer; one outside [0, V) calls nothing
    int64_t layers;            //           L
    int64_t units;             //           K
    int64_t run;               //           points that a warp walks, a multiple of 32
    int64_t runs;              //           of one view: runs * run >= N
    int32_t* pixel;            // [V, N]    row * W + col, -1 where not seen
};

struct CountSeenCudaParams {
    LiftSeenCudaParams scene;  // its pixel is written
    int32_t* cells;            // [K, runs] out: points of each unit in each run; 0 at first
    int32_t* layer;            // [K]       1 + the layer that a point saw it in; 0 at first
    int32_t* wrong;            // [1]       out: 1 where a region cannot be; 0 at first
};

struct WriteSeenCudaParams {
    LiftSeenCudaParams scene;  // its pixel is read
    int64_t* starts;           // [K, runs] where each cell's points go; moves on to where they end
    int64_t* point;            // [M]       out
};

}  // namespace pdengine

PDENGINE_CUDA_API int pdengine_count_seen(const pdengine::CountSeenCudaParams* params,
                                          void* stream);
PDENGINE_CUDA_API int pdengine_write_seen(const pdengine::WriteSeenCudaParams* params,
                                          void* stream);
