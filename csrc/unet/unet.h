// A U-Net of sparse convolutions over the levels of a voxel grid, forward and backward: what an
// encoder says of its voxels.  pdengine/distill/encoder.py (Encoder.layers) is the definition.
#pragma once

#include <vector>

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

// A kernel map, tap by tap.
struct UNetMap {
    TensorView<const int32_t, 2> forward;   // [T, M_out] rows of the input, -1 none
    TensorView<const int32_t, 2> backward;  // [T, M_in] rows of the output, -1 none
};

template <typename T>
struct UNetLinear {
    TensorView<T, 2> weight;  // [C', C]
    TensorView<T, 1> bias;    // [C']
};

// x + conv(relu(norm(x)))
template <typename T>
struct UNetBlock {
    TensorView<T, 1> scale;   // [C] of the norm
    TensorView<T, 1> shift;   // [C]
    TensorView<T, 3> weight;  // [27, C, C]
};

// The parameters of L levels, or their gradients.
template <typename T>
struct UNetWeights {
    UNetLinear<T> stem;                  // to the finest level's channels
    UNetLinear<T> end;                   // from them to the embedding
    std::vector<UNetBlock<T>> encoder;   // L, finest first
    std::vector<UNetBlock<T>> decoder;   // L - 1
    std::vector<TensorView<T, 3>> down;  // L - 1, [8, C, C'] from a level to the next coarser one
    std::vector<TensorView<T, 3>> up;    // L - 1, [8, C', C]
    TensorView<T, 1> scale, shift;       // of the last norm, before end
};

template <typename T>
struct UNetParams {
    TensorView<const T, 2> mean;  // [M, D] of the finest voxels
    std::vector<UNetMap> levels;  // L, finest first: the neighbours of each voxel
    std::vector<UNetMap> downs;   // L - 1, each from a level to the next coarser one
    UNetWeights<const T> weights;
    double eps;  // of the norms
};

// How many values the tape has.
template <typename T>
PDENGINE_API int64_t unet_tape(const UNetParams<T>& params);

// What the finest voxels become, out [M, E], and on the tape what the gradient reads.
template <typename T>
PDENGINE_API void unet(const UNetParams<T>& params, const TensorView<T, 1>& tape,
                       const TensorView<T, 2>& out, int threads);

// The gradients of the weights, given that of out and the tape.  Those of large weights are found
// by another thread while the way back goes on.
template <typename T>
PDENGINE_API void unet_gradient(const UNetParams<T>& params, const TensorView<const T, 1>& tape,
                                const TensorView<const T, 2>& came, const UNetWeights<T>& gradients,
                                int threads);

}  // namespace pdengine
