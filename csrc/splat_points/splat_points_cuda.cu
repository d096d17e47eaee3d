#include "core/cuda_launch.h"
#include "core/depth_key_cuda.h"
#include "core/pinhole_cuda.h"
#include "splat_points/disc.h"
#include "splat_points/splat_points_cuda.h"

namespace pdengine {
namespace {

struct Disc {
    int32_t radius;
    int16_t reach[kLargestRadius + 1];  // to the left and right, dy rows from the centre
};

// A camera stays in registers for this many points.
constexpr int kPointsPerThread = 4;

__global__ void draw_pixels(SplatCudaParams p) {
    const int64_t window_width = p.width + 2 * p.margin;
    const int64_t window = (p.height + 2 * p.margin) * window_width;
    const int64_t first = static_cast<int64_t>(blockIdx.x) * blockDim.x * kPointsPerThread;
    for (int64_t view = blockIdx.y; view < p.views; view += gridDim.y) {
        const Camera camera = load_camera(p.rotation, p.translation, p.focal, view);
        DepthKey* keys = reinterpret_cast<DepthKey*>(p.key) + view * window;
        for (int k = 0; k < kPointsPerThread; ++k) {
            const int64_t point = first + k * blockDim.x + threadIdx.x;
            if (point >= p.points) break;
            int32_t row, col;
            float depth;
            if (!project(camera, p.xyz + 3 * point, p.height, p.width, p.margin, row, col, depth))
                continue;
            lower(keys + (row + p.margin) * window_width + col + p.margin, pack(depth, point));
        }
    }
}

__global__ void draw_discs(SplatCudaParams p, const __grid_constant__ Disc disc) {
    const int64_t point = item();
    if (point >= p.points) return;
    for (int64_t view = blockIdx.y; view < p.views; view += gridDim.y) {
        const Camera camera = load_camera(p.rotation, p.translation, p.focal, view);
        int32_t row, col;
        float depth;
        if (!project(camera, p.xyz + 3 * point, p.height, p.width, disc.radius, row, col, depth))
            continue;
        const DepthKey key = pack(depth, point);
        DepthKey* image = reinterpret_cast<DepthKey*>(p.key) + view * p.height * p.width;
        const int32_t top = max(row - disc.radius, 0);
        const int32_t bottom = min(row + disc.radius, p.height - 1);
        for (int32_t y = top; y <= bottom; ++y) {
            const int32_t reach = disc.reach[abs(y - row)];
            const int32_t right = min(col + reach, p.width - 1);
            for (int32_t x = max(col - reach, 0); x <= right; ++x)
                lower(image + static_cast<int64_t>(y) * p.width + x, key);
        }
    }
}

// One pixel of the image: the least key in its disc.  With a margin the window holds the pixels
// around the image too, so nothing is cut off; without one the discs are drawn already.
__global__ void resolve(SplatCudaParams p, const __grid_constant__ Disc disc) {
    const int32_t x = blockIdx.x * blockDim.x + threadIdx.x;
    const int32_t y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= p.width || y >= p.height) return;
    const int64_t window_width = p.width + 2 * p.margin;
    const int64_t window = (p.height + 2 * p.margin) * window_width;
    for (int64_t view = blockIdx.z; view < p.views; view += gridDim.z) {
        const DepthKey* keys = reinterpret_cast<const DepthKey*>(p.key) + view * window;
        DepthKey least = kNothing;
        for (int32_t dy = -p.margin; dy <= p.margin; ++dy) {
            const DepthKey* row = keys + (y + p.margin + dy) * window_width + x + p.margin;
            const int32_t reach = p.margin == 0 ? 0 : disc.reach[abs(dy)];
            for (int32_t dx = -reach; dx <= reach; ++dx) least = min(least, row[dx]);
        }
        const int64_t pixel = (view * p.height + y) * p.width + x;
        p.index[pixel] = index_of(least);
        p.depth[pixel] = depth_of(least);
    }
}

}  // namespace
}  // namespace pdengine

int pdengine_splat_points(const pdengine::SplatCudaParams* params, void* stream) {
    using namespace pdengine;
    const SplatCudaParams& p = *params;
    Disc disc{static_cast<int32_t>(p.radius_px), {}};
    if (disc.radius < 0 || disc.radius > kLargestRadius) return cudaErrorInvalidValue;
    if (p.margin != 0 && p.margin != disc.radius) return cudaErrorInvalidValue;
    for (int32_t dy = 0; dy <= disc.radius; ++dy)
        disc.reach[dy] = static_cast<int16_t>(disc_reach(p.radius_px, dy));

    const int64_t window = static_cast<int64_t>(p.height + 2 * p.margin) * (p.width + 2 * p.margin);
    PDENGINE_TRY(cudaMemsetAsync(p.key, 0xff, p.views * window * sizeof(DepthKey),
                                 static_cast<cudaStream_t>(stream)));
    const dim3 block(kBlockThreads);
    const dim3 discs = grid_of(p.points, p.views);
    if (p.margin < disc.radius) {
        PDENGINE_TRY(launch(discs, block, stream, draw_discs, p, disc));
    } else {
        const dim3 pixels = grid_of(p.points, p.views, kBlockThreads * kPointsPerThread);
        PDENGINE_TRY(launch(pixels, block, stream, draw_pixels, p));
    }
    // Blocks that are tall as well as wide share what their discs read.
    const dim3 tile(32, 8);
    const dim3 tiles((p.width + tile.x - 1) / tile.x, (p.height + tile.y - 1) / tile.y, discs.y);
    return launch(tiles, tile, stream, resolve, p, disc);
}
