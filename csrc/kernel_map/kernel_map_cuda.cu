#include "core/cuda_launch.h"
#include "core/hash_cuda.h"
#include "kernel_map/kernel_map_cuda.h"

namespace pdengine {
namespace {

constexpr int kBits = 21;  // an axis: a coordinate of 20 bits and a tap's step
constexpr int32_t kBias = 1 << (kBits - 1);
constexpr int kChildren = 8;

// One number per voxel that sorts like (x, y, z).
__device__ HashKey key_of(int32_t x, int32_t y, int32_t z) {
    return static_cast<HashKey>(x + kBias) << (2 * kBits) |
           static_cast<HashKey>(y + kBias) << kBits | static_cast<HashKey>(z + kBias);
}

__global__ void insert_voxels(SubmanifoldMapCudaParams p) {
    const int64_t m = item();
    if (m >= p.voxels) return;
    const int32_t* c = p.coords + 3 * m;
    auto* table = reinterpret_cast<HashKey*>(p.table);
    p.row[take_slot(table, p.slots, key_of(c[0], c[1], c[2]))] = static_cast<int32_t>(m);
}

// One thread per output and tap.
__global__ void find_neighbours(SubmanifoldMapCudaParams p) {
    const int32_t k = p.kernel, reach = k / 2, taps = k * k * k;
    const int64_t i = item();
    if (i >= p.voxels * taps) return;
    const int64_t m = i / taps;
    const auto tap = static_cast<int32_t>(i - m * taps);
    const int32_t* c = p.coords + 3 * m;
    const HashKey key =
        key_of(c[0] + tap / (k * k) - reach, c[1] + tap / k % k - reach, c[2] + tap % k - reach);
    const int64_t slot = find_slot(reinterpret_cast<const HashKey*>(p.table), p.slots, key);
    const int32_t neighbour = slot < 0 ? -1 : p.row[slot];
    p.forward[i] = neighbour;
    // Its neighbour feeds m through this tap, so m feeds its neighbour through the opposite one.
    p.backward[m * taps + taps - 1 - tap] = neighbour;
}

__global__ void find_parents(FindParentsCudaParams p) {
    const int64_t m = item();
    if (m >= p.voxels) return;
    const int32_t* c = p.coords + 3 * m;
    // An arithmetic shift rounds down, below zero too.
    const HashKey key = key_of(c[0] >> 1, c[1] >> 1, c[2] >> 1);
    p.slot[m] = take_slot(reinterpret_cast<HashKey*>(p.table), p.slots, key);
}

__global__ void number_parents(StrideMapCudaParams p) {
    const int64_t m = item();
    if (m >= p.parents) return;
    for (int a = 0; a < 3; ++a) {
        const auto biased =
            static_cast<int32_t>(p.key[m] >> (kBits * (2 - a)) & ((1 << kBits) - 1));
        p.coarse[m * 3 + a] = biased - kBias;
    }
    p.row[p.found[m]] = static_cast<int32_t>(m);
    for (int tap = 0; tap < kChildren; ++tap) p.forward[m * kChildren + tap] = -1;
}

__global__ void link_children(StrideMapCudaParams p) {
    const int64_t m = item();
    if (m >= p.voxels) return;
    const int32_t* c = p.coords + 3 * m;
    const int tap = (c[0] & 1) * 4 + (c[1] & 1) * 2 + (c[2] & 1);
    const int32_t parent = p.row[p.slot[m]];
    p.forward[static_cast<int64_t>(parent) * kChildren + tap] = static_cast<int32_t>(m);
    for (int t = 0; t < kChildren; ++t) p.backward[m * kChildren + t] = t == tap ? parent : -1;
}

}  // namespace
}  // namespace pdengine

int pdengine_submanifold_map(const pdengine::SubmanifoldMapCudaParams* params, void* stream) {
    using namespace pdengine;
    const SubmanifoldMapCudaParams& p = *params;
    PDENGINE_TRY(cudaMemsetAsync(p.table, 0xff, p.slots * sizeof(HashKey),
                                 static_cast<cudaStream_t>(stream)));
    PDENGINE_TRY(launch_over(p.voxels, stream, insert_voxels, p));
    return launch_over(p.voxels * p.kernel * p.kernel * p.kernel, stream, find_neighbours, p);
}

int pdengine_find_parents(const pdengine::FindParentsCudaParams* params, void* stream) {
    using namespace pdengine;
    PDENGINE_TRY(cudaMemsetAsync(params->table, 0xff, params->slots * sizeof(HashKey),
                                 static_cast<cudaStream_t>(stream)));
    return launch_over(params->voxels, stream, find_parents, *params);
}

int pdengine_stride_map(const pdengine::StrideMapCudaParams* params, void* stream) {
    using namespace pdengine;
    PDENGINE_TRY(launch_over(params->parents, stream, number_parents, *params));
    return launch_over(params->voxels, stream, link_children, *params);
}
