#include <algorithm>

#include "core/parallel.h"
#include "core/pinhole.h"
#include "visible_points/visible_points.h"

namespace pdengine {

void visible_points_cpu(const VisibleParams& p, int threads) {
    const int64_t views = p.pixel.size[0], points = p.pixel.size[1];
    const int64_t blocks = (points + kProjectionBlock - 1) / kProjectionBlock;
    threads = threads_for(3 * views * points, threads);

    parallel_for(views * blocks, threads, [&](int64_t begin, int64_t end) {
        float z[kProjectionBlock];
        for (int64_t item = begin; item < end; ++item) {
            const int64_t v = item / blocks, first = item % blocks * kProjectionBlock;
            const int64_t count = std::min(kProjectionBlock, points - first);
            const Pinhole view{p.rotation.row(v),
                               p.translation.row(v),
                               p.focal.data[v],
                               static_cast<int32_t>(p.depth.size[1]),
                               static_cast<int32_t>(p.depth.size[2]),
                               0};
            int32_t* pixel = p.pixel.row(v) + first;
            const float* surface = p.depth.row(v);
            project(p.xyz.row(first), count, view, pixel, z);
            for (int64_t i = 0; i < count; ++i) {
                const int32_t at = pixel[i];
                // Reading pixel 0 for a point outside keeps the loop free of jumps.
                const bool seen = at >= 0 && z[i] <= surface[std::max(at, 0)] + p.tolerance;
                pixel[i] = seen ? at : -1;
            }
        }
    });
}

}  // namespace pdengine
