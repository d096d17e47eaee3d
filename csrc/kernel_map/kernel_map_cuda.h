// kernel_map on a GPU.  A stride map takes two calls: between them the caller sorts the keys that
// were found, whose number nobody knows before.
#pragma once

#include <cstdint>

#include "core/cuda_api.h"

namespace pdengine {

struct SubmanifoldMapCudaParams {
    const int32_t* coords;  // [M, 3] unique, in [-2^19, 2^19)
    int64_t voxels;         //        M < 2^31
    int32_t kernel;         //        odd, at most 7
    uint64_t* table;        // [S]    scratch
    int32_t* row;           // [S]    scratch
    int64_t slots;          //        S, a power of two, at least 2 M
    int32_t* forward;       // [M, T] out: input row per output row and tap, -1 none
    int32_t* backward;      // [M, T] out: output row per input row and tap, -1 none
};

struct FindParentsCudaParams {
    const int32_t* coords;  // [M, 3] unique, in [-2^19, 2^19)
    int64_t voxels;         //        M < 2^31
    uint64_t* table;        // [S]    out: the keys of the coarse voxels, the others are all ones
    int64_t slots;          //        S, a power of two, at least 2 M
    int64_t* slot;          // [M]    out: where the key of each voxel's parent is
};

struct StrideMapCudaParams {
    const int32_t* coords;  // [M, 3]
    int64_t voxels;         //        M
    const int64_t* key;     // [M_out] of the coarse voxels, ascending
    const int64_t* found;   // [M_out] the slot of each
    int64_t parents;        //        M_out
    int32_t* row;           // [S]    scratch
    const int64_t* slot;    // [M]    of FindParentsCudaParams
    int32_t* coarse;        // [M_out, 3] out
    int32_t* forward;       // [M_out, 8] out: input row per output row and tap, -1 none
    int32_t* backward;      // [M, 8] out: output row per input row and tap, -1 none
};

}  // namespace pdengine

PDENGINE_CUDA_API int pdengine_submanifold_map(const pdengine::SubmanifoldMapCudaParams* params,
                                               void* stream);
PDENGINE_CUDA_API int pdengine_find_parents(const pdengine::FindParentsCudaParams* params,
                                            void* stream);
PDENGINE_CUDA_API int pdengine_stride_map(const pdengine::StrideMapCudaParams* params,
                                          void* stream);
