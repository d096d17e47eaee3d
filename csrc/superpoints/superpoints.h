// Superpoints: greedy merging of regions on a neighbour graph.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

// Features and weights are integers in these steps, so that every sum is exact in any order.
constexpr int64_t kStep = 1 << 16;
constexpr float kMeanStep = 1 << 30;  // of a length as a share of the longest
// Gains within an eighth of an octave are equal: which of them is first is then drawn by a hash,
// and a slope of gains does not merge one pair a round.
constexpr int kGainBits = 20;
// A region joins one that does not choose it back when that has this many times its points.
constexpr int64_t kDwarfed = 8;

struct SuperpointsParams {
    TensorView<const float, 2> positions;  // [N, 3] finite, N < 2^31
    TensorView<const float, 2> features;   // [N, C] within [-2, 2]; C may be 0
    TensorView<const int64_t, 2> graph;  // [N, k] rows of positions; a row's own number is no edge
    float regularisation;                // what a unit of edge weight between two regions costs
    int64_t smallest;                    // regions of fewer points join a neighbour
    TensorView<int64_t, 1> label;        // [N] out: numbered in the order of their first points
};

PDENGINE_API void superpoints_cpu(const SuperpointsParams& p, int threads);

}  // namespace pdengine
