// What is nearest at a pixel, as one number: positive floats order like their bits, so (depth bits,
// index) packed into one word orders by depth, then by index.  One minimum settles both, in any
// thread order.  On sm_90 it is one instruction in global memory (a compare-and-swap loop in shared
// memory).
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace pdengine {

using DepthKey = unsigned long long;
constexpr DepthKey kNothing = ~DepthKey{0};  // as cudaMemset writes it; above every other key

__device__ inline DepthKey pack(float depth, int64_t index) {
    return DepthKey{__float_as_uint(depth)} << 32 | static_cast<DepthKey>(index);
}

// -1 of kNothing.
__device__ inline int32_t index_of(DepthKey key) {
    return static_cast<int32_t>(static_cast<uint32_t>(key));
}

__device__ inline float depth_of(DepthKey key) {
    return key == kNothing ? INFINITY : __uint_as_float(static_cast<uint32_t>(key >> 32));
}

// Keys only ever fall, so a key that is not below an old value is not below the present one: most
// of what is drawn is hidden and never reaches the atomic.
__device__ inline void lower(DepthKey* slot, DepthKey key) {
    if (key < __ldcg(slot)) atomicMin(slot, key);
}

}  // namespace pdengine
