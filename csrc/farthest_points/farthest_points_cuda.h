// farthest_points on a GPU.
#pragma once

#include <cstdint>

#include "core/cuda_api.h"

namespace pdengine {

struct FarthestPointsCudaParams {
    const float* xyz;  // [N, 3] finite
    int64_t points;    //        N < 2^31
    int64_t count;     //        K, 1 to N
    int64_t first;     //        in [0, N): the row to begin with
    float* nearest;    // [N]    scratch: squared distance to any chosen point, -1: chosen
    uint64_t* best;    // [K]    scratch
    int64_t* index;    // [K]    out: rows of xyz as they are chosen
};

}  // namespace pdengine

PDENGINE_CUDA_API int pdengine_farthest_points(const pdengine::FarthestPointsCudaParams* params,
                                               void* stream);
