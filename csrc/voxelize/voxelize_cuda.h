// voxelize on a GPU, in two calls: between them the caller sorts the keys that were found, whose
// number nobody knows before.
#pragma once

#include <cstdint>

#include "core/cuda_api.h"

namespace pdengine {

struct FindVoxelsCudaParams {
    const float* xyz;  // [N, 3] every voxel in [-2^19, 2^19)
    int64_t points;    //        N
    float size;        //        edge of a voxel, > 0
    float origin;      //        corner of voxel (0, 0, 0), on each axis
    uint64_t* table;   // [S]    out: the keys of the voxels, the others are all ones
    int64_t slots;     //        S, a power of two, at least 2 N
    int64_t* slot;     // [N]    out: where the key of each point's voxel is
};

struct NumberVoxelsCudaParams {
    const int64_t* key;    // [M]    ascending: x, y and z in 20 bits each, 2^19 added
    const int64_t* found;  // [M]    the slot of each
    int64_t voxels;        //        M
    int64_t* row;          // [S]    scratch
    const int64_t* slot;   // [N]    of FindVoxelsCudaParams
    int64_t points;        //        N
    int32_t* coords;       // [M, 3] out
    int64_t* voxel;        // [N]    out: the row of coords that holds each point
    int64_t* count;        // [M]    out: points per voxel
};

}  // namespace pdengine

PDENGINE_CUDA_API int pdengine_find_voxels(const pdengine::FindVoxelsCudaParams* params,
                                           void* stream);
PDENGINE_CUDA_API int pdengine_number_voxels(const pdengine::NumberVoxelsCudaParams* params,
                                             void* stream);
