// Points that spread evenly over a cloud: each is the farthest from those before it.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct FarthestPointsParams {
    TensorView<const float, 2> xyz;  // [N, 3] finite, N < 2^31
    int64_t first;                   // in [0, N): the row to begin with
    TensorView<int64_t, 1> index;    // [K] out, 1 <= K <= N: rows of xyz as they are chosen
};

PDENGINE_API void farthest_points(const FarthestPointsParams& params);

}  // namespace pdengine
