// The k nearest points of each query, exactly, ties to the lower index.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct KnnParams {
    TensorView<const float, 2> query;   // [Q, 3] finite
    TensorView<const float, 2> points;  // [P, 3] finite, P < 2^31
    TensorView<int64_t, 2> index;       // [Q, k] out: rows of points, nearest first
    TensorView<float, 2> distance;      // [Q, k] out: squared, ascending
};

PDENGINE_API void knn(const KnnParams& params, int threads);

}  // namespace pdengine
