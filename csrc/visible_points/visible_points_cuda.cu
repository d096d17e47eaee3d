#include "core/cuda_launch.h"
#include "core/pinhole_cuda.h"
#include "visible_points/visible_points_cuda.h"

namespace pdengine {
namespace {

// A camera stays in registers for this many points.
constexpr int kPointsPerThread = 4;

__global__ void see(VisibleCudaParams p) {
    const int64_t image = static_cast<int64_t>(p.height) * p.width;
    const int64_t first = static_cast<int64_t>(blockIdx.x) * blockDim.x * kPointsPerThread;
    for (int64_t view = blockIdx.y; view < p.views; view += gridDim.y) {
        const Camera camera = load_camera(p.rotation, p.translation, p.focal, view);
        const float* surface = p.depth + view * image;
        for (int k = 0; k < kPointsPerThread; ++k) {
            const int64_t point = first + k * blockDim.x + threadIdx.x;
            if (point >= p.points) break;
            p.pixel[view * p.points + point] =
                seen_pixel(camera, p.xyz + 3 * point, surface, p.height, p.width, p.tolerance);
        }
    }
}

}  // namespace
}  // namespace pdengine

int pdengine_visible_points(const pdengine::VisibleCudaParams* params, void* stream) {
    using namespace pdengine;
    const VisibleCudaParams& p = *params;
    const dim3 blocks = grid_of(p.points, p.views, kBlockThreads * kPointsPerThread);
    return launch(blocks, dim3(kBlockThreads), stream, see, p);
}
