#include "core/cuda_launch.h"
#include "knn/knn_cuda.h"

namespace pdengine {
namespace {

// Squared distances are not negative, so they order like their bits, and (distance bits, row)
// packed into one word orders by distance, then by row.
using Key = unsigned long long;
constexpr Key kNobody = ~Key{0};

__device__ float squared(float dx, float dy, float dz) {
    return __fadd_rn(__fadd_rn(__fmul_rn(dx, dx), __fmul_rn(dy, dy)), __fmul_rn(dz, dz));
}

// The least |p - x| of any p in [low, high].  It rounds as the differences themselves do, so what
// is bounded by it is bounded exactly.
__device__ float gap(float low, float high, float x) {
    return fmaxf(0.0f, fmaxf(__fsub_rn(low, x), __fsub_rn(x, high)));
}

__global__ void measure_tiles(KnnCudaParams p) {
    const int64_t tile = item(), first = tile * kTilePoints;
    if (first >= p.count) return;
    const int64_t end = min(first + kTilePoints, p.count);
    float low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (int64_t i = first; i < end; ++i) {
        for (int a = 0; a < 3; ++a) {
            low[a] = fminf(low[a], p.points[i * 3 + a]);
            high[a] = fmaxf(high[a], p.points[i * 3 + a]);
        }
    }
    for (int a = 0; a < 3; ++a) {
        p.box[tile * 6 + a] = low[a];
        p.box[tile * 6 + 3 + a] = high[a];
    }
}

// The K least keys from a lowest one on, in registers: every index into `key` is known when this is
// compiled.
template <int K>
struct Nearest {
    Key lowest;
    Key key[K];

    __device__ void offer(Key one) {
        if (one < lowest || one >= key[K - 1]) return;
        key[K - 1] = one;
#pragma unroll
        for (int i = K - 1; i > 0; --i) {
            const Key nearer = min(key[i - 1], key[i]), farther = max(key[i - 1], key[i]);
            key[i - 1] = nearer;
            key[i] = farther;
        }
    }
};

template <int K>
__device__ void search_tile(const KnnCudaParams& p, const float* q, int64_t tile,
                            Nearest<K>& nearest) {
    const float* box = p.box + tile * 6;
    const float bound =
        squared(gap(box[0], box[3], q[0]), gap(box[1], box[4], q[1]), gap(box[2], box[5], q[2]));
    // At the K-th distance itself a point still counts: its row may be lower.
    if (__float_as_uint(bound) > nearest.key[K - 1] >> 32) return;
    const int64_t end = min((tile + 1) * kTilePoints, p.count);
    for (int64_t i = tile * kTilePoints; i < end; ++i) {
        const float* point = p.points + i * 3;
        const float distance = squared(__fsub_rn(q[0], point[0]), __fsub_rn(q[1], point[1]),
                                       __fsub_rn(q[2], point[2]));
        nearest.offer(Key{__float_as_uint(distance)} << 32 | static_cast<Key>(p.point_row[i]));
    }
}

// One query, all tiles: from the one it lies in upwards and then downwards, so that the bound is
// good early and nearly every tile is passed by.
template <int K>
__global__ void search(KnnCudaParams p) {
    const int64_t i = item();
    if (i >= p.queries) return;
    const float q[3] = {p.query[i * 3], p.query[i * 3 + 1], p.query[i * 3 + 2]};
    int64_t* index = p.index + p.query_row[i] * p.k;
    float* distance = p.distance + p.query_row[i] * p.k;

    Nearest<K> nearest;
    nearest.lowest = 0;
    if (p.done > 0)
        nearest.lowest = (Key{__float_as_uint(distance[p.done - 1])} << 32 |
                          static_cast<Key>(index[p.done - 1])) +
                         1;
#pragma unroll
    for (int j = 0; j < K; ++j) nearest.key[j] = kNobody;

    const int64_t tiles = (p.count + kTilePoints - 1) / kTilePoints, start = p.start[i];
    for (int64_t tile = start; tile < tiles; ++tile) search_tile(p, q, tile, nearest);
    for (int64_t tile = start - 1; tile >= 0; --tile) search_tile(p, q, tile, nearest);

#pragma unroll
    for (int j = 0; j < K; ++j) {
        if (p.done + j >= p.k) break;
        index[p.done + j] = static_cast<int64_t>(nearest.key[j] & 0xffffffff);
        distance[p.done + j] = __uint_as_float(static_cast<uint32_t>(nearest.key[j] >> 32));
    }
}

}  // namespace
}  // namespace pdengine

int pdengine_knn(const pdengine::KnnCudaParams* params, void* stream) {
    using namespace pdengine;
    const KnnCudaParams& p = *params;
    const int64_t tiles = (p.count + kTilePoints - 1) / kTilePoints, wanted = p.k - p.done;
    if (p.done == 0) PDENGINE_TRY(launch_over(tiles, stream, measure_tiles, p));
    if (wanted <= 8) return launch_over(p.queries, stream, search<8>, p);
    if (wanted <= 16) return launch_over(p.queries, stream, search<16>, p);
    return launch_over(p.queries, stream, search<32>, p);
}
