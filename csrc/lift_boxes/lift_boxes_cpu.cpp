#include <algorithm>
#include <cmath>

#include "core/always_inline.h"
#include "core/check_size.h"
#include "core/cpu_features.h"
#include "core/parallel.h"
#include "core/seen_points.h"
#include "lift_boxes/lift_boxes.h"

namespace pdengine {
namespace {

// The pixels whose centre is inside a box: `count` of them along an axis, from `first` on.
struct Span {
    uint16_t first = 0;
    uint16_t count = 0;
};

Span span_of(float low, float high, int32_t side) {
    if (!(low <= high)) return {};  // empty, or not a number
    // Inside the clamp a centre, a bound and their difference are exact.
    const double first = std::ceil(std::clamp<double>(low, -1, side + 1) - 0.5);
    const double last = std::floor(std::clamp<double>(high, -1, side + 1) - 0.5);
    const int32_t begin = std::max(static_cast<int32_t>(first), 0);
    const int32_t end = std::min(static_cast<int32_t>(last), side - 1) + 1;
    if (begin >= end) return {};
    return {static_cast<uint16_t>(begin), static_cast<uint16_t>(end - begin)};
}

struct Window {
    Span row, col;
    bool has(uint16_t r, uint16_t c) const {
        // One unsigned comparison per axis: what lies before the span wraps to a large number.
        return (static_cast<uint16_t>(r - row.first) < row.count) &
               (static_cast<uint16_t>(c - col.first) < col.count);
    }
};

// Compiled twice: the bodies inline into their caller's instruction set.
PDENGINE_INLINE void split_body(const int32_t* pixel, int64_t count, int32_t width, uint16_t* row,
                                uint16_t* col) {
    // (pixel + 1/2) / W is at least 1 / (2 W) away from a whole number, far more than the
    // product's rounding: truncation gives the row.
    const double per_width = 1.0 / width;
    for (int64_t i = 0; i < count; ++i) {
        const int32_t r = static_cast<int32_t>((pixel[i] + 0.5) * per_width);
        row[i] = static_cast<uint16_t>(r);
        col[i] = static_cast<uint16_t>(pixel[i] - r * width);
    }
}

PDENGINE_INLINE int64_t count_body(const uint16_t* row, const uint16_t* col, int64_t count,
                                   Window window) {
    int64_t inside = 0;
    for (int64_t i = 0; i < count;) {
        // Sixteen-bit lanes cannot overflow within one such stretch.
        const int64_t stop = std::min<int64_t>(count, i + 32768);
        uint16_t here = 0;
        for (; i < stop; ++i) here += window.has(row[i], col[i]);
        inside += here;
    }
    return inside;
}

void split(const int32_t* pixel, int64_t n, int32_t width, uint16_t* row, uint16_t* col) {
    split_body(pixel, n, width, row, col);
}
int64_t count_inside(const uint16_t* row, const uint16_t* col, int64_t n, Window window) {
    return count_body(row, col, n, window);
}

#if defined(__x86_64__)
#define PDENGINE_AVX2 __attribute__((target("avx2")))
PDENGINE_AVX2 void split_avx2(const int32_t* pixel, int64_t n, int32_t width, uint16_t* row,
                              uint16_t* col) {
    split_body(pixel, n, width, row, col);
}
PDENGINE_AVX2 int64_t count_inside_avx2(const uint16_t* row, const uint16_t* col, int64_t n,
                                        Window window) {
    return count_body(row, col, n, window);
}
#endif

void check_sizes(const LiftBoxesParams& p) {
    const SizeCheck check("lift_boxes");
    const Side V(p.pixel.size[0], "V"), N(p.pixel.size[1], "N"), B(p.boxes.size[0], "B");
    check("pixel", p.pixel, {V, N});
    check("boxes", p.boxes, {B, 4});
    check("view", p.view, {B});
    check.range("N, the columns of pixel,", N.size, 0, INT32_MAX);
    check.image(V, p.height, p.width);
}

}  // namespace

Rows lift_boxes_cpu(const LiftBoxesParams& p, int threads) {
    check_sizes(p);
    auto split_pixels = split;
    auto count_in = count_inside;
#if defined(__x86_64__)
    if (has_avx2_fma()) {
        split_pixels = split_avx2;
        count_in = count_inside_avx2;
    }
#endif
    const int64_t views = p.pixel.size[0], points = p.pixel.size[1], boxes = p.boxes.size[0];
    threads = threads_for(views * points + boxes * points / 4, threads);

    const std::vector<SeenPoints> seen = seen_points(p.pixel, p.view, threads);
    std::vector<std::unique_ptr<uint16_t[]>> row(views), col(views);
    parallel_each(views, threads, [&](int64_t v) {
        row[v].reset(new uint16_t[seen[v].count]);
        col[v].reset(new uint16_t[seen[v].count]);
        split_pixels(seen[v].pixel.get(), seen[v].count, p.width, row[v].get(), col[v].get());
    });

    std::vector<Window> window(boxes);
    std::vector<int64_t> count(boxes);
    parallel_each(boxes, threads, [&](int64_t b) {
        const float* box = p.boxes.row(b);
        const int64_t v = p.view.data[b];
        window[b] = {span_of(box[1], box[3], p.height), span_of(box[0], box[2], p.width)};
        count[b] = count_in(row[v].get(), col[v].get(), seen[v].count, window[b]);
    });

    Rows out(count);
    parallel_each(boxes, threads, [&](int64_t b) {
        const int64_t v = p.view.data[b], stop = out.offsets[b + 1];
        const int32_t* point = seen[v].point.get();
        const uint16_t* r = row[v].get();
        const uint16_t* c = col[v].get();
        // Always written, kept where inside: no jump to mispredict.  The count ends the loop.
        for (int64_t k = out.offsets[b], i = 0; k < stop; ++i) {
            out.value[k] = point[i];
            k += window[b].has(r[i], c[i]);
        }
    });
    return out;
}

}  // namespace pdengine
