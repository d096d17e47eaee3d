#include <algorithm>

#include "core/cpu_features.h"
#include "core/large_pages.h"
#include "core/parallel.h"
#include "core/pinhole.h"
#include "visible_points/check_seen.h"
#include "visible_points/visible_points.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pdengine {
namespace {

// Takes the pixel from points that are behind the surface there.
void hide_portable(int32_t* pixel, const float* z, int64_t count, const float* surface,
                   float tolerance) {
    for (int64_t i = 0; i < count; ++i)
        if (pixel[i] >= 0 && !(z[i] <= surface[pixel[i]] + tolerance)) pixel[i] = -1;
}

#if defined(__x86_64__)
// Which points are seen has no pattern that a jump could be predicted by: no jumps.
__attribute__((target("avx2"))) void hide_avx2(int32_t* pixel, const float* z, int64_t count,
                                               const float* surface, float tolerance) {
    const __m256 slack = _mm256_set1_ps(tolerance);
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        auto* block = reinterpret_cast<__m256i*>(pixel + i);
        const __m256i at = _mm256_loadu_si256(block);
        // The sign bit of -1 leaves a lane out of the gather, once inverted.
        const __m256 drawn = _mm256_castsi256_ps(_mm256_xor_si256(at, _mm256_set1_epi32(-1)));
        const __m256 depth = _mm256_mask_i32gather_ps(slack, surface, at, drawn, 4);
        const __m256 seen =
            _mm256_cmp_ps(_mm256_loadu_ps(z + i), _mm256_add_ps(depth, slack), _CMP_LE_OQ);
        const __m256i hidden = _mm256_xor_si256(_mm256_castps_si256(seen), _mm256_set1_epi32(-1));
        _mm256_storeu_si256(block, _mm256_or_si256(at, hidden));
    }
    hide_portable(pixel + i, z + i, count - i, surface, tolerance);
}
#endif

}  // namespace

void visible_points_cpu(const VisibleParams& p, int threads) {
    check_seen(SizeCheck("visible_points"), p);
    const int64_t views = p.pixel.size[0], points = p.pixel.size[1];
    const int64_t blocks = (points + kProjectionBlock - 1) / kProjectionBlock;
    auto hide = hide_portable;
#if defined(__x86_64__)
    if (has_avx2_fma()) hide = hide_avx2;
#endif
    use_large_pages(p.pixel.data, p.pixel.count() * sizeof(int32_t));
    threads = threads_for(3 * views * points, threads);

    const auto range = [&](int64_t begin, int64_t end) {
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
            hide(pixel, z, count, surface, p.tolerance);
        }
    };
    parallel_for(views * blocks, threads, range, kManyShares);
}

}  // namespace pdengine
