#include "core/cuda_launch.h"
#include "core/depth_key_cuda.h"
#include "farthest_points/farthest_points_cuda.h"

// A launch per choice: every point looks at the one that was chosen last, and the farthest is found
// by one minimum of (distance, row) keys, in any thread order.
namespace pdengine {
namespace {

constexpr unsigned kAllLanes = 0xffffffff;
constexpr int kPointsPerThread = 4;

// Of these the least is the farthest point, and of equally far ones the lowest row: distances are
// not negative, so they order like their bits.
__device__ DepthKey key_of(float distance, int64_t row) {
    return DepthKey{~__float_as_uint(distance)} << 32 | static_cast<DepthKey>(row);
}

__global__ void begin(FarthestPointsCudaParams p) {
    const int64_t i = item();
    if (i >= p.points) return;
    p.nearest[i] = INFINITY;
    if (i < p.count) p.best[i] = i == 0 ? static_cast<DepthKey>(p.first) : kNothing;
}

// Finds choice k + 1.  Every lane of a warp comes along, because they ask each other.
__global__ void choose(FarthestPointsCudaParams p, int64_t k) {
    const auto chosen = static_cast<int64_t>(p.best[k] & 0xffffffff);
    const float x = p.xyz[chosen * 3], y = p.xyz[chosen * 3 + 1], z = p.xyz[chosen * 3 + 2];
    const int64_t start = static_cast<int64_t>(blockIdx.x) * blockDim.x * kPointsPerThread;
    DepthKey least = kNothing;
    for (int j = 0; j < kPointsPerThread; ++j) {
        const int64_t i = start + j * blockDim.x + threadIdx.x;
        if (i >= p.points) break;
        const float dx = __fsub_rn(p.xyz[i * 3], x);
        const float dy = __fsub_rn(p.xyz[i * 3 + 1], y);
        const float dz = __fsub_rn(p.xyz[i * 3 + 2], z);
        const float distance =
            __fadd_rn(__fadd_rn(__fmul_rn(dx, dx), __fmul_rn(dy, dy)), __fmul_rn(dz, dz));
        const float nearest = i == chosen ? -1.0f : fminf(p.nearest[i], distance);
        p.nearest[i] = nearest;
        if (nearest >= 0) least = min(least, key_of(nearest, i));
    }
    for (int other = kWarp / 2; other > 0; other /= 2)
        least = min(least, __shfl_xor_sync(kAllLanes, least, other));
    if (threadIdx.x % kWarp == 0) lower(reinterpret_cast<DepthKey*>(p.best) + k + 1, least);
}

__global__ void list(FarthestPointsCudaParams p) {
    const int64_t k = item();
    if (k < p.count) p.index[k] = static_cast<int64_t>(p.best[k] & 0xffffffff);
}

}  // namespace
}  // namespace pdengine

int pdengine_farthest_points(const pdengine::FarthestPointsCudaParams* params, void* stream) {
    using namespace pdengine;
    const FarthestPointsCudaParams& p = *params;
    PDENGINE_TRY(launch_over(p.points, stream, begin, p));
    const dim3 blocks = grid_of(p.points, 1, kBlockThreads * kPointsPerThread);
    for (int64_t k = 0; k + 1 < p.count; ++k)
        PDENGINE_TRY(launch(blocks, dim3(kBlockThreads), stream, choose, p, k));
    return launch_over(p.count, stream, list, p);
}
