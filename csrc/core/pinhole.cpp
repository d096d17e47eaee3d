#include "core/pinhole.h"

#include <limits>

#include "core/cpu_features.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pdengine {
namespace {

// A conversion truncates: a negative number that is not whole is one too high.
inline int32_t floor_to_int(float value) {
    const int32_t whole = static_cast<int32_t>(value);
    return whole - (value < static_cast<float>(whole));
}

void project_portable(const float* xyz, int64_t count, const Pinhole& view, int32_t* pixel,
                      float* depth) {
    const float low = static_cast<float>(-view.margin);
    const float right = static_cast<float>(view.width + view.margin);
    const float bottom = static_cast<float>(view.height + view.margin);
    for (int64_t i = 0; i < count; ++i, xyz += 3) {
        float u, v, z;
        place(xyz, view, &u, &v, &z);
        depth[i] = z;
        // A coordinate that is not a number fails every comparison.
        const bool inside = z > kNearestDepth && z < std::numeric_limits<float>::infinity() &&
                            u >= low && u < right && v >= low && v < bottom;
        if (!inside) {
            pixel[i] = -1;
            continue;
        }
        const int32_t col = floor_to_int(u), row = floor_to_int(v);
        pixel[i] = (row + view.margin) * view.window_width() + (col + view.margin);
    }
}

#if defined(__x86_64__)

// The camera coordinate of eight points along one axis.
__attribute__((target("avx2"))) inline __m256 along(const float* row, float shift, __m256 x,
                                                    __m256 y, __m256 z) {
    const __m256 xy = _mm256_add_ps(_mm256_mul_ps(_mm256_set1_ps(row[0]), x),
                                    _mm256_mul_ps(_mm256_set1_ps(row[1]), y));
    return _mm256_add_ps(_mm256_add_ps(xy, _mm256_mul_ps(_mm256_set1_ps(row[2]), z)),
                         _mm256_set1_ps(shift));
}

__attribute__((target("avx2"))) inline __m256 load_halves(const float* low, const float* high) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
}

__attribute__((target("avx2"))) void project_avx2(const float* xyz, int64_t count,
                                                  const Pinhole& view, int32_t* pixel,
                                                  float* depth) {
    const float* r = view.rotation;
    const float* t = view.translation;
    const __m256 focal = _mm256_set1_ps(view.focal);
    const __m256 half_width = _mm256_set1_ps(static_cast<float>(view.width) / 2);
    const __m256 half_height = _mm256_set1_ps(static_cast<float>(view.height) / 2);
    const __m256 low = _mm256_set1_ps(static_cast<float>(-view.margin));
    const __m256 right = _mm256_set1_ps(static_cast<float>(view.width + view.margin));
    const __m256 bottom = _mm256_set1_ps(static_cast<float>(view.height + view.margin));
    const __m256 nearest = _mm256_set1_ps(kNearestDepth);
    const __m256 infinity = _mm256_set1_ps(std::numeric_limits<float>::infinity());
    const __m256i margin = _mm256_set1_epi32(view.margin);
    const __m256i stride = _mm256_set1_epi32(view.window_width());

    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        // Eight x y z triples into three registers (A. Shah, "3D vector normalization using
        // 256-bit Intel AVX", 2011).
        const float* p = xyz + 3 * i;
        const __m256 m03 = load_halves(p, p + 12);
        const __m256 m14 = load_halves(p + 4, p + 16);
        const __m256 m25 = load_halves(p + 8, p + 20);
        const __m256 xy = _mm256_shuffle_ps(m14, m25, _MM_SHUFFLE(2, 1, 3, 2));
        const __m256 yz = _mm256_shuffle_ps(m03, m14, _MM_SHUFFLE(1, 0, 2, 1));
        const __m256 px = _mm256_shuffle_ps(m03, xy, _MM_SHUFFLE(2, 0, 3, 0));
        const __m256 py = _mm256_shuffle_ps(yz, xy, _MM_SHUFFLE(3, 1, 2, 0));
        const __m256 pz = _mm256_shuffle_ps(yz, m25, _MM_SHUFFLE(3, 0, 3, 1));

        const __m256 x = along(r, t[0], px, py, pz);
        const __m256 y = along(r + 3, t[1], px, py, pz);
        const __m256 z = along(r + 6, t[2], px, py, pz);
        const __m256 u = _mm256_add_ps(
            _mm256_mul_ps(_mm256_mul_ps(focal, _mm256_div_ps(x, z)), half_width), half_width);
        const __m256 v = _mm256_add_ps(
            _mm256_mul_ps(_mm256_mul_ps(focal, _mm256_div_ps(y, z)), half_width), half_height);

        __m256 inside = _mm256_and_ps(_mm256_cmp_ps(z, nearest, _CMP_GT_OQ),
                                      _mm256_cmp_ps(z, infinity, _CMP_LT_OQ));
        inside = _mm256_and_ps(inside, _mm256_and_ps(_mm256_cmp_ps(u, low, _CMP_GE_OQ),
                                                     _mm256_cmp_ps(u, right, _CMP_LT_OQ)));
        inside = _mm256_and_ps(inside, _mm256_and_ps(_mm256_cmp_ps(v, low, _CMP_GE_OQ),
                                                     _mm256_cmp_ps(v, bottom, _CMP_LT_OQ)));
        const __m256i col = _mm256_add_epi32(_mm256_cvttps_epi32(_mm256_floor_ps(u)), margin);
        const __m256i row = _mm256_add_epi32(_mm256_cvttps_epi32(_mm256_floor_ps(v)), margin);
        const __m256i at = _mm256_add_epi32(_mm256_mullo_epi32(row, stride), col);
        const __m256i outside =
            _mm256_xor_si256(_mm256_castps_si256(inside), _mm256_set1_epi32(-1));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(pixel + i), _mm256_or_si256(at, outside));
        _mm256_storeu_ps(depth + i, z);
    }
    project_portable(xyz + 3 * i, count - i, view, pixel + i, depth + i);
}

#endif

}  // namespace

void project(const float* xyz, int64_t count, const Pinhole& view, int32_t* pixel, float* depth) {
#if defined(__x86_64__)
    if (has_avx2_fma()) return project_avx2(xyz, count, view, pixel, depth);
#endif
    project_portable(xyz, count, view, pixel, depth);
}

}  // namespace pdengine
