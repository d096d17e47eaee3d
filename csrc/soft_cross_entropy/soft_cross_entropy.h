// The distillation loss with its gradient, in one pass over the logits.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

template <typename T>
struct SoftCrossEntropyParams {
    TensorView<const T, 2> logits;   // [N, R]
    TensorView<const T, 2> targets;  // [N, R]
    TensorView<T, 2> gradient;       // [N, R] out: d loss / d logits
};

// Returns the loss.
template <typename T>
PDENGINE_API double soft_cross_entropy(const SoftCrossEntropyParams<T>& params, int threads);

}  // namespace pdengine
