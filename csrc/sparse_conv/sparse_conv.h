// Convolution over the pairs of a kernel map, and the gradient of its weights.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

// out[m] = bias + sum over taps t with i = source[t, m] >= 0 of features[i] @ weight[t].
// With transpose_weight, weight[t] is used transposed and is [T, Cout, Cin]: over the backward map
// this is the gradient of the features.
template <typename T>
struct SparseConvParams {
    TensorView<const T, 2> features;      // [M_in, Cin]
    TensorView<const T, 3> weight;        // [T, Cin, Cout], or [T, Cout, Cin]
    TensorView<const int32_t, 2> source;  // [T, M_out] rows of features, -1 none
    TensorView<const T, 1> bias;          // [Cout], or [0] for none
    bool transpose_weight;
    bool add;              // to what out holds, and no bias
    TensorView<T, 2> out;  // [M_out, Cout] out
};

// weight[t] = sum over the pairs of tap t of features[i]^T @ gradient[m].
template <typename T>
struct SparseConvWeightParams {
    TensorView<const T, 2> features;      // [M_in, Cin]
    TensorView<const T, 2> gradient;      // [M_out, Cout]
    TensorView<const int32_t, 2> source;  // [T, M_out] rows of features, -1 none
    TensorView<T, 3> weight;              // [T, Cin, Cout] out
    TensorView<T, 1> bias;                // [Cout] out: the sum of gradient, or [0] for none
};

template <typename T>
PDENGINE_API void sparse_conv(const SparseConvParams<T>& params, int threads);
template <typename T>
PDENGINE_API void sparse_conv_weight(const SparseConvWeightParams<T>& params, int threads);

}  // namespace pdengine
