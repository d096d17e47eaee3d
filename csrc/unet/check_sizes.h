// The sizes of a network and its grids, level by level.
#pragma once

#include <type_traits>

#include "core/check_size.h"
#include "unet/unet.h"

namespace pdengine {

// The rows and channels of a level: M and C, those of the next coarser one M' and C'.
inline Side voxels_of(const std::vector<UNetMap>& levels, std::size_t level) {
    return {levels[level].forward.size[1], "M"};
}

template <typename T>
Side channels_of(const UNetWeights<T>& weights, std::size_t level) {
    return {weights.encoder[level].scale.size[0], "C"};
}

template <typename T>
void check_blocks(const SizeCheck& check, const char* name, const std::vector<UNetBlock<T>>& blocks,
                  const UNetWeights<const std::remove_const_t<T>>& like) {
    for (std::size_t k = 0; k < blocks.size(); ++k) {
        const Side C = channels_of(like, k);
        const auto level = static_cast<int64_t>(k);
        check({name, level, ".scale"}, blocks[k].scale, {C});
        check({name, level, ".shift"}, blocks[k].shift, {C});
        check({name, level, ".weight"}, blocks[k].weight, {27, C, C});
    }
}

template <typename T>
void check_linear(const SizeCheck& check, const char* weight, const char* bias,
                  const UNetLinear<T>& linear, const Side& outputs, const Side& inputs) {
    check(weight, linear.weight, {outputs, inputs});
    check(bias, linear.bias, {outputs});
}

// Weights, or gradients of the sizes of the weights.
template <typename T>
void check_weights(const SizeCheck& check, const UNetWeights<T>& weights,
                   const UNetParams<std::remove_const_t<T>>& params) {
    const auto levels = static_cast<int64_t>(params.levels.size());
    check.entries("encoder", weights.encoder, "as many entries as levels", levels);
    check.entries("decoder", weights.decoder, "one entry fewer than levels", levels - 1);
    check.entries("down", weights.down, "one entry fewer than levels", levels - 1);
    check.entries("up", weights.up, "one entry fewer than levels", levels - 1);

    const auto& like = params.weights;
    const Side finest = channels_of(like, 0), E(like.end.weight.size[0], "E");
    check_linear(check, "stem.weight", "stem.bias", weights.stem, finest,
                 {params.mean.size[1], "D"});
    check_linear(check, "end.weight", "end.bias", weights.end, E, finest);
    check_blocks(check, "encoder", weights.encoder, like);
    check_blocks(check, "decoder", weights.decoder, like);
    for (int64_t k = 0; k + 1 < levels; ++k) {
        const Side C = channels_of(like, k), coarser(channels_of(like, k + 1).size, "C'");
        check({"down", k}, weights.down[k], {8, C, coarser});
        check({"up", k}, weights.up[k], {8, coarser, C});
    }
    check("scale", weights.scale, {finest});
    check("shift", weights.shift, {finest});
}

template <typename T>
void check_params(const char* op, const UNetParams<T>& params) {
    const SizeCheck check(op);
    const auto levels = static_cast<int64_t>(params.levels.size());
    check.range("the number of levels", static_cast<double>(levels), 1, INT32_MAX);
    check.entries("downs", params.downs, "one entry fewer than levels", levels - 1);
    check.entries("weights.encoder", params.weights.encoder, "as many entries as levels", levels);
    for (int64_t k = 0; k < levels; ++k) {
        const Side M = voxels_of(params.levels, k);
        check({"levels", k, ".forward"}, params.levels[k].forward, {27, M});
        check({"levels", k, ".backward"}, params.levels[k].backward, {27, M});
    }
    for (int64_t k = 0; k + 1 < levels; ++k) {
        const Side M = voxels_of(params.levels, k);
        const Side coarser(voxels_of(params.levels, k + 1).size, "M'");
        check({"downs", k, ".forward"}, params.downs[k].forward, {8, coarser});
        check({"downs", k, ".backward"}, params.downs[k].backward, {8, M});
    }
    check("mean", params.mean, {voxels_of(params.levels, 0), {params.mean.size[1], "D"}});
    check_weights(SizeCheck(op, "weights."), params.weights, params);
}

}  // namespace pdengine
