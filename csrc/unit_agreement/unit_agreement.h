// The share of each unit's points on which the student agrees.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct UnitAgreementParams {
    TensorView<const int64_t, 1> label;       // [K]
    TensorView<const int64_t, 1> offsets;     // [K + 1] ascending
    TensorView<const int64_t, 1> point;       // [M] in [0, N)
    TensorView<const int64_t, 1> prediction;  // [N]
    TensorView<float, 1> agreement;           // [K] out, in [0, 1]
};

PDENGINE_API void unit_agreement(const UnitAgreementParams& params, int threads);

}  // namespace pdengine
