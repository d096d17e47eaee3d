#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <vector>

#include "core/always_inline.h"
#include "core/check_size.h"
#include "core/cpu_features.h"
#include "core/large_pages.h"
#include "core/parallel.h"
#include "core/pinhole.h"
#include "splat_points/disc.h"
#include "splat_points/splat_points.h"

namespace pdengine {
namespace {

// Positive floats order like their bits, so (depth bits, point index) packed into one word orders
// by depth, then by index: the smaller key wins.  Nothing is (inf, -1), larger than every point,
// and unpacks into what the outputs say where there is none.
using Key = int64_t;
constexpr Key kNothing = 0x7f800000ffffffff;

inline Key pack(float depth, int64_t index) {
    uint32_t bits;
    std::memcpy(&bits, &depth, sizeof bits);
    return static_cast<Key>(static_cast<uint64_t>(bits) << 32 | static_cast<uint64_t>(index));
}

// disc_reach of each row from the centre down: [radius + 1].
std::vector<int32_t> disc_reaches(double radius_px) {
    std::vector<int32_t> reach(static_cast<size_t>(radius_px) + 1);
    for (size_t dy = 0; dy < reach.size(); ++dy)
        reach[dy] = disc_reach(radius_px, static_cast<int32_t>(dy));
    return reach;
}

// Draws each point's disc straight into the outputs.  Points come in ascending order, so a strict
// comparison leaves a tie with the lower index.
void splat_direct(const float* xyz, int64_t points, const Pinhole& view,
                  const std::vector<int32_t>& reach, int32_t* index, float* depth) {
    const int32_t radius = view.margin;
    std::fill_n(index, int64_t{view.height} * view.width, -1);
    std::fill_n(depth, int64_t{view.height} * view.width, std::numeric_limits<float>::infinity());
    int32_t pixel[kProjectionBlock];
    float z[kProjectionBlock];
    for (int64_t first = 0; first < points; first += kProjectionBlock) {
        const int64_t count = std::min(kProjectionBlock, points - first);
        project(xyz + 3 * first, count, view, pixel, z);
        for (int64_t i = 0; i < count; ++i) {
            if (pixel[i] < 0) continue;
            const int32_t row = pixel[i] / view.window_width() - radius;
            const int32_t col = pixel[i] % view.window_width() - radius;
            const int32_t top = std::max(row - radius, 0);
            const int32_t bottom = std::min(row + radius, view.height - 1);
            for (int32_t y = top; y <= bottom; ++y) {
                const int32_t half = reach[std::abs(y - row)];
                const int32_t right = std::min(col + half, view.width - 1);
                const int64_t start = int64_t{y} * view.width;
                for (int32_t x = std::max(col - half, 0); x <= right; ++x) {
                    if (z[i] < depth[start + x]) {
                        depth[start + x] = z[i];
                        index[start + x] = static_cast<int32_t>(first + i);
                    }
                }
            }
        }
    }
}

// The row loops of the dilation, compiled twice: a body inlines into its caller's instruction set.

PDENGINE_INLINE void min_into_body(Key* __restrict out, const Key* __restrict in, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = in[i] < out[i] ? in[i] : out[i];
}

// out = min(out, left, right): one step wider.
PDENGINE_INLINE void widen_body(Key* __restrict out, const Key* left, const Key* right,
                                int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
        const Key side = left[i] < right[i] ? left[i] : right[i];
        out[i] = side < out[i] ? side : out[i];
    }
}

PDENGINE_INLINE void unpack_body(const Key* __restrict key, int32_t* __restrict index,
                                 uint32_t* __restrict depth_bits, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
        index[i] = static_cast<int32_t>(key[i]);
        depth_bits[i] = static_cast<uint32_t>(key[i] >> 32);
    }
}

struct RowLoops {
    void (*min_into)(Key*, const Key*, int64_t);
    void (*widen)(Key*, const Key*, const Key*, int64_t);
    void (*unpack)(const Key*, int32_t*, uint32_t*, int64_t);
};

void min_into(Key* out, const Key* in, int64_t n) {
    min_into_body(out, in, n);
}
void widen(Key* out, const Key* l, const Key* r, int64_t n) {
    widen_body(out, l, r, n);
}
void unpack(const Key* k, int32_t* i, uint32_t* d, int64_t n) {
    unpack_body(k, i, d, n);
}

#if defined(__x86_64__)
#define PDENGINE_AVX2 __attribute__((target("avx2")))
PDENGINE_AVX2 void min_into_avx2(Key* out, const Key* in, int64_t n) {
    min_into_body(out, in, n);
}
PDENGINE_AVX2 void widen_avx2(Key* out, const Key* l, const Key* r, int64_t n) {
    widen_body(out, l, r, n);
}
PDENGINE_AVX2 void unpack_avx2(const Key* k, int32_t* i, uint32_t* d, int64_t n) {
    unpack_body(k, i, d, n);
}
#endif

RowLoops row_loops() {
#if defined(__x86_64__)
    if (has_avx2_fma()) return {min_into_avx2, widen_avx2, unpack_avx2};
#endif
    return {min_into, widen, unpack};
}

// What one thread needs to draw a view by dilation.
struct Scratch {
    std::vector<Key> window;  // [H + 2 R, W + 2 R] the nearest point of each pixel, undilated
    std::vector<Key> ring;    // [2 R + 1, W]       rows of the image that are not finished
    std::vector<Key> wide;    // [W]                one row's minimum over -k..k

    Scratch(const Pinhole& view)
        : window(int64_t{view.window_height()} * view.window_width()),
          ring(int64_t{2 * view.margin + 1} * view.width),
          wide(view.width) {}
};

// Draws one pixel per point, then takes the minimum over the disc: the same image with one write a
// point.  The window keeps points whose own pixel is outside the image but whose disc is not.
void splat_dilated(const float* xyz, int64_t points, const Pinhole& view,
                   const std::vector<int32_t>& reach, Scratch& scratch, int32_t* index,
                   float* depth) {
    const RowLoops loops = row_loops();
    const int32_t radius = view.margin, rows = 2 * radius + 1;
    const int64_t width = view.width, window_width = view.window_width();
    std::fill(scratch.window.begin(), scratch.window.end(), kNothing);
    std::fill(scratch.ring.begin(), scratch.ring.end(), kNothing);

    int32_t pixel[kProjectionBlock];
    float z[kProjectionBlock];
    for (int64_t first = 0; first < points; first += kProjectionBlock) {
        const int64_t count = std::min(kProjectionBlock, points - first);
        project(xyz + 3 * first, count, view, pixel, z);
        for (int64_t i = 0; i < count; ++i) {
            if (pixel[i] < 0) continue;
            Key& nearest = scratch.window[pixel[i]];
            const Key key = pack(z[i], first + i);
            if (key < nearest) nearest = key;
        }
    }

    // Window row y feeds the image rows y - 2 R .. y; the first of them is then finished.
    for (int32_t y = 0; y < view.window_height(); ++y) {
        const Key* row = scratch.window.data() + y * window_width;
        int64_t left = 0, right = window_width;
        while (left < right && row[left] == kNothing) ++left;
        while (left < right && row[right - 1] == kNothing) --right;
        if (left < right) {
            const int64_t begin = std::max<int64_t>(left - 2 * radius, 0);
            const int64_t count = std::min(right, width) - begin;
            Key* wide = scratch.wide.data();
            std::copy_n(row + begin + radius, count, wide);
            for (int32_t k = 0, dy = radius; k <= radius; ++k) {
                if (k > 0)
                    loops.widen(wide, row + begin + radius - k, row + begin + radius + k, count);
                for (; dy >= 0 && reach[dy] == k; --dy) {
                    for (int32_t side : {-dy, dy}) {
                        const int32_t image_row = y - radius + side;
                        if (image_row < 0 || image_row >= view.height) continue;
                        Key* out = scratch.ring.data() + image_row % rows * width + begin;
                        loops.min_into(out, wide, count);
                        if (dy == 0) break;
                    }
                }
            }
        }
        const int32_t finished = y - 2 * radius;
        if (finished < 0) continue;
        Key* keys = scratch.ring.data() + finished % rows * width;
        loops.unpack(keys, index + finished * width,
                     reinterpret_cast<uint32_t*>(depth + finished * width), width);
        std::fill_n(keys, width, kNothing);
    }
}

void check_sizes(const SplatParams& p) {
    const SizeCheck check("splat_points");
    const Side N(p.xyz.size[0], "N"), V(p.rotation.size[0], "V");
    const Side H(p.index.size[1], "H"), W(p.index.size[2], "W");
    check("xyz", p.xyz, {N, 3});
    check.cameras(V, p.rotation, p.translation, p.focal);
    check("index", p.index, {V, H, W});
    check("depth", p.depth, {V, H, W});
    check.rows("xyz", N.size);
    check.image(V, H.size, W.size);
    check.range("radius_px", p.radius_px, 0, kLargestRadius);
}

}  // namespace

void splat_points_cpu(const SplatParams& p, int threads) {
    check_sizes(p);
    const int64_t views = p.index.size[0], points = p.xyz.size[0];
    if (views == 0) return;
    const std::vector<int32_t> reach = disc_reaches(p.radius_px);
    auto pinhole = [&](int64_t v) {
        return Pinhole{p.rotation.row(v),
                       p.translation.row(v),
                       p.focal.data[v],
                       static_cast<int32_t>(p.index.size[1]),
                       static_cast<int32_t>(p.index.size[2]),
                       static_cast<int32_t>(reach.size()) - 1};
    };
    const Pinhole any = pinhole(0);
    const int64_t window = int64_t{any.window_height()} * any.window_width();
    int64_t disc = 0;
    for (size_t dy = 0; dy < reach.size(); ++dy) disc += (dy ? 2 : 1) * (2 * reach[dy] + 1);

    const int64_t direct_ns = points * (3 + disc),
                  dilated_ns = points * 3 + window * (2 + any.margin);
    const bool direct = direct_ns < dilated_ns;
    use_large_pages(p.index.data, p.index.count() * sizeof(int32_t));
    use_large_pages(p.depth.data, p.depth.count() * sizeof(float));
    threads = threads_for(views * (window + std::min(direct_ns, dilated_ns)), threads);

    if (direct) {
        parallel_each(views, threads, [&](int64_t v) {
            splat_direct(p.xyz.data, points, pinhole(v), reach, p.index.row(v), p.depth.row(v));
        });
        return;
    }
    threads = static_cast<int>(std::min<int64_t>(threads, views));
    std::atomic<int64_t> next{0};  // a thread takes views until there are none: one scratch each
    parallel_for(threads, threads, [&](int64_t, int64_t) {
        int64_t v = next++;
        if (v >= views) return;
        for (Scratch scratch(any); v < views; v = next++)
            splat_dilated(p.xyz.data, points, pinhole(v), reach, scratch, p.index.row(v),
                          p.depth.row(v));
    });
}

}  // namespace pdengine
