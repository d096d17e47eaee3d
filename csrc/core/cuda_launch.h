// Launching kernels: what is wrong comes back as a cudaError_t, and nothing is launched over
// nothing.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#define PDENGINE_TRY(call) \
    if (const cudaError_t error = (call)) return error

namespace pdengine {

constexpr int kBlockThreads = 256;
constexpr int kWarp = 32;
// The emulation of the tests has fewer, so that its blocks have several views to take.
#ifdef PDENGINE_LARGEST_GRID_Y
constexpr int64_t kLargestGridY = PDENGINE_LARGEST_GRID_Y;
#else
constexpr int64_t kLargestGridY = 65535;
#endif

// Which item this thread has in a launch of launch_over or over grid_of.
__device__ inline int64_t item() {
    return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

// Blocks for so many items of each view: views along y, as many as fit.  A kernel takes the views
// blockIdx.y, blockIdx.y + gridDim.y, ...  items / per_block must fit 31 bits.
inline dim3 grid_of(int64_t items, int64_t views, int64_t per_block = kBlockThreads) {
    return dim3(static_cast<unsigned>((items + per_block - 1) / per_block),
                static_cast<unsigned>(views < kLargestGridY ? views : kLargestGridY));
}

template <typename... Params, typename... Args>
cudaError_t launch(dim3 grid, dim3 block, void* stream, void (*kernel)(Params...), Args... args) {
    cudaLaunchConfig_t config{};
    config.gridDim = grid;
    config.blockDim = block;
    config.stream = static_cast<cudaStream_t>(stream);
    return cudaLaunchKernelEx(&config, kernel, args...);
}

// At least one thread per item, in whole blocks: the kernel compares item() with the count.
template <typename... Params, typename... Args>
cudaError_t launch_over(int64_t items, void* stream, void (*kernel)(Params...), Args... args) {
    const int64_t blocks = (items + kBlockThreads - 1) / kBlockThreads;
    if (blocks == 0) return cudaSuccess;
    if (blocks > INT32_MAX) return cudaErrorInvalidConfiguration;
    return launch(dim3(static_cast<unsigned>(blocks)), dim3(kBlockThreads), stream, kernel,
                  args...);
}

}  // namespace pdengine
