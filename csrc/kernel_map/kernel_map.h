// Which voxel feeds which through which tap.  Taps in lexicographic order of (x, y, z), z fastest.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct SubmanifoldMapParams {
    TensorView<const int32_t, 2> coords;  // [M, 3] unique, sorted, in [-2^19, 2^19)
    int kernel;                           // odd, at most 7
    TensorView<int32_t, 2> forward;       // [M, T] out: input row per output row and tap, -1 none
    TensorView<int32_t, 2> backward;      // [M, T] out: output row per input row and tap, -1 none
};

struct StrideMapParams {
    TensorView<const int32_t, 2> coords;  // [M, 3] unique, sorted, in [-2^19, 2^19)
    TensorView<int32_t, 2> coarse;        // [M, 3] out: the first M_out rows, sorted
    TensorView<int32_t, 2> forward;       // [M, 8] out: the first M_out rows
    TensorView<int32_t, 2> backward;      // [M, 8] out
};

PDENGINE_API void submanifold_map(const SubmanifoldMapParams& params, int threads);

// Returns M_out.
PDENGINE_API int64_t stride_map(const StrideMapParams& params);

}  // namespace pdengine
