// From voxels and points to logits: the end of the student's network, forward and backward.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

// logits[n] = head @ max(voxel[m] + weight @ features[n], 0) + bias, for the points n in
// [offsets[m], offsets[m + 1]).
template <typename T>
struct PointHeadParams {
    TensorView<const T, 2> voxel;          // [M, E]
    TensorView<const int64_t, 1> offsets;  // [M + 1] ascending from 0 to N
    TensorView<const T, 2> features;       // [N, D] voxel by voxel
    TensorView<const T, 2> weight;         // [E, D]
    TensorView<const T, 2> head;           // [R, E]
};

template <typename T>
PDENGINE_API void point_head(const PointHeadParams<T>& params, const TensorView<const T, 1>& bias,
                             const TensorView<T, 2>& logits, int threads);

template <typename T>
struct PointHeadGradients {
    TensorView<T, 2> voxel;   // [M, E] out
    TensorView<T, 2> weight;  // [E, D] out
    TensorView<T, 2> head;    // [R, E] out
    TensorView<T, 1> bias;    // [R]    out
};

// What the logits' gradient [N, R] gives the inputs.  Embeddings are computed anew, block by block:
// that takes less time than to write and read N of them.
template <typename T>
PDENGINE_API void point_head_gradient(const PointHeadParams<T>& params,
                                      const TensorView<const T, 2>& came,
                                      const PointHeadGradients<T>& out, int threads);

}  // namespace pdengine
