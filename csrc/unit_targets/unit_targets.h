// Knowledge units to one soft target per point and part.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

template <typename T>
struct UnitTargetsParams {
    TensorView<const int64_t, 1> label;    // [K] in [0, R)
    TensorView<const T, 1> score;          // [K]
    TensorView<const int64_t, 1> offsets;  // [K + 1] ascending
    TensorView<const int64_t, 1> point;    // [M] in [0, N), ascending inside a unit
    TensorView<const T, 1> class_weight;   // [R]
    TensorView<T, 2> targets;              // [N, R] out
};

template <typename T>
PDENGINE_API void unit_targets(const UnitTargetsParams<T>& params, int threads);

}  // namespace pdengine
