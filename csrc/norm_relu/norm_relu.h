// A layer norm over the channels of each row, and what is positive of it; forward and backward.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

template <typename T>
struct NormReluParams {
    TensorView<const T, 2> features;  // [M, C]
    TensorView<const T, 1> weight;    // [C]
    TensorView<const T, 1> bias;      // [C]
    double eps;                       // added to the variance
    TensorView<T, 2> out;             // [M, C] out
};

template <typename T>
PDENGINE_API void norm_relu(const NormReluParams<T>& params, int threads);

// Norms the rows anew: their mean and deviation cost less than keeping them.
template <typename T>
struct NormReluGradientParams {
    TensorView<const T, 2> features;  // [M, C]
    TensorView<const T, 1> weight;    // [C]
    TensorView<const T, 1> bias;      // [C]
    TensorView<const T, 2> gradient;  // [M, C] of the output
    double eps;
    TensorView<T, 2> d_features;  // [M, C] out
    TensorView<T, 1> d_weight;    // [C]    out
    TensorView<T, 1> d_bias;      // [C]    out
};

template <typename T>
PDENGINE_API void norm_relu_gradient(const NormReluGradientParams<T>& params, int threads);

}  // namespace pdengine
