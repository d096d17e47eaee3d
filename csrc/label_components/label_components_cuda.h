// label_components on a GPU, in two calls: between them the caller lists the first pixels, whose
// number nobody knows before.
#pragma once

#include <cstdint>

#include "core/cuda_api.h"

namespace pdengine {

struct FindComponentsCudaParams {
    const int32_t* classes;  // [V, H, W] negative: background
    int64_t views;           //           V
    int32_t height;          //           pixels
    int32_t width;           //           pixels, H * W < 2^31
    int32_t* first;  // [V, H, W] out: the first pixel of a pixel's component in raster order
                     //           (row * W + col in its view), -1 background
    bool* is_first;  // [V, H, W] out: the pixel is its component's first
};

struct NumberComponentsCudaParams {
    const int32_t* classes;     // [V, H, W]
    const int32_t* first;       // [V, H, W] of FindComponentsCudaParams
    const int64_t* components;  // [K]       the pixels of [V, H, W] with is_first, ascending
    int64_t count;              //           K
    int64_t views;              //           V
    int32_t height;             //           pixels
    int32_t width;              //           pixels
    int32_t* label;             // [V, H, W] out: component, -1 background
    int64_t* view;              // [K]       out
    int64_t* class_;            // [K]       out
    int64_t* size;              // [K]       out: pixels
};

}  // namespace pdengine

PDENGINE_CUDA_API int pdengine_find_components(const pdengine::FindComponentsCudaParams* params,
                                               void* stream);
PDENGINE_CUDA_API int pdengine_number_components(const pdengine::NumberComponentsCudaParams* params,
                                                 void* stream);
