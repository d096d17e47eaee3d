#include "core/cuda_launch.h"
#include "core/hash_cuda.h"
#include "voxelize/voxelize_cuda.h"

namespace pdengine {
namespace {

constexpr int kBits = 20;
constexpr int32_t kBias = 1 << (kBits - 1);

// Points far outnumber voxels, so they meet in a table and only what it holds is sorted.
__global__ void find_voxels(FindVoxelsCudaParams p) {
    const int64_t i = item();
    if (i >= p.points) return;
    HashKey key = 0;
    for (int a = 0; a < 3; ++a) {
        const float cell = __fdiv_rn(__fsub_rn(p.xyz[i * 3 + a], p.origin), p.size);
        key = key << kBits | static_cast<HashKey>(__float2int_rd(cell) + kBias);
    }
    p.slot[i] = take_slot(reinterpret_cast<HashKey*>(p.table), p.slots, key);
}

__global__ void number_voxels(NumberVoxelsCudaParams p) {
    const int64_t m = item();
    if (m >= p.voxels) return;
    for (int a = 0; a < 3; ++a) {
        const auto biased =
            static_cast<int32_t>(p.key[m] >> (kBits * (2 - a)) & ((1 << kBits) - 1));
        p.coords[m * 3 + a] = biased - kBias;
    }
    p.row[p.found[m]] = m;
    p.count[m] = 0;
}

__global__ void number_points(NumberVoxelsCudaParams p) {
    const int64_t i = item();
    if (i >= p.points) return;
    const int64_t voxel = p.row[p.slot[i]];
    p.voxel[i] = voxel;
    atomicAdd(reinterpret_cast<unsigned long long*>(p.count + voxel), 1ull);
}

}  // namespace
}  // namespace pdengine

int pdengine_find_voxels(const pdengine::FindVoxelsCudaParams* params, void* stream) {
    using namespace pdengine;
    PDENGINE_TRY(cudaMemsetAsync(params->table, 0xff, params->slots * sizeof(HashKey),
                                 static_cast<cudaStream_t>(stream)));
    return launch_over(params->points, stream, find_voxels, *params);
}

int pdengine_number_voxels(const pdengine::NumberVoxelsCudaParams* params, void* stream) {
    using namespace pdengine;
    PDENGINE_TRY(launch_over(params->voxels, stream, number_voxels, *params));
    return launch_over(params->points, stream, number_points, *params);
}
