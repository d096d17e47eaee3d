// raster_triangles on a GPU.
#pragma once

#include <cstdint>

#include "core/cuda_api.h"

namespace pdengine {

struct Corner;

// A triangle that many threads draw.
struct LargeTriangle {
    int64_t first_tile;  // how many tiles the ones before it have
    int32_t face;
    int32_t view;
};

struct RasterCudaParams {
    const float* vertices;     // [P, 3]
    const int32_t* faces;      // [F, 3] into vertices
    const float* rotation;     // [V, 3, 3] world to camera
    const float* translation;  // [V, 3]
    const float* focal;        // [V]       in half image widths
    int64_t vertex_count;      //           P < 2^31
    int64_t face_count;        //           F < 2^31
    int64_t views;             //           V, at most 2^21
    int32_t height;            //           pixels
    int32_t width;             //           pixels
    Corner* corner;            // [V, P]    scratch, 16 bytes each
    uint64_t* key;             // [V, H, W] scratch
    uint64_t* tally;           // [1]       scratch
    LargeTriangle* large;      // [Q]       scratch
    int64_t large_count;       //           Q, at least V and at most 2^21; V F needs one round
    int32_t* index;            // [V, H, W] out: nearest triangle, -1 where none
    float* depth;              // [V, H, W] out: its depth there, inf where none
    float* weight;             // [V, H, W, 2] out: of its first two vertices
};

}  // namespace pdengine

PDENGINE_CUDA_API int pdengine_raster_triangles(const pdengine::RasterCudaParams* params,
                                                void* stream);
