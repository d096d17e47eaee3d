// Points to the sorted, unique voxels that hold them.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct VoxelizeParams {
    TensorView<const float, 2> xyz;  // [N, 3] finite, every voxel in [-2^19, 2^19)
    float size;                      // edge of a voxel, > 0
    float origin;                    // corner of voxel (0, 0, 0), on each axis
    TensorView<int32_t, 2> coords;   // [N, 3] out: the first M rows, sorted by x, then y, then z
    TensorView<int64_t, 1> voxel;    // [N] out: the row of coords that holds each point
    TensorView<int64_t, 1> count;    // [N] out: the first M, points per voxel
};

// Returns M.
PDENGINE_API int64_t voxelize(const VoxelizeParams& params);

}  // namespace pdengine
