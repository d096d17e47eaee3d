#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/check_size.h"
#include "core/parallel.h"
#include "core/pinhole.h"
#include "raster_triangles/raster_triangles.h"
#include "raster_triangles/triangle.h"

namespace pdengine {
namespace {

void place_all(const TensorView<const float, 2>& vertices, const Pinhole& view, Corner* corner) {
    for (int64_t i = 0; i < vertices.size[0]; ++i) {
        float u, v, z;
        place(vertices.row(i), view, &u, &v, &z);
        const bool placed = z > kNearestDepth && z < std::numeric_limits<float>::infinity() &&
                            std::abs(u) < kFarthestPixel && std::abs(v) < kFarthestPixel;
        corner[i] = placed ? Corner{static_cast<int32_t>(std::lrintf(u * kStepsPerPixel)),
                                    static_cast<int32_t>(std::lrintf(v * kStepsPerPixel)),
                                    1.0 / static_cast<double>(z)}
                           : Corner{0, 0, 0.0};
    }
}

// Draws the triangles into the rows [top, bottom) of one view.  They come in ascending order, so a
// strict comparison leaves a tie with the lower index.
void draw(const RasterParams& p, const Corner* corner, int32_t top, int32_t bottom, int32_t width,
          int32_t* index, float* depth) {
    for (int64_t f = 0; f < p.faces.size[0]; ++f) {
        const int32_t* face = p.faces.row(f);
        const Corner &a = corner[face[0]], &b = corner[face[1]], &c = corner[face[2]];
        if (a.nearness == 0 || b.nearness == 0 || c.nearness == 0) continue;
        const auto [low_y, high_y] = std::minmax({a.y, b.y, c.y});
        const int32_t y0 = std::max(first_pixel(low_y), top);
        const int32_t y1 = std::min(first_pixel(high_y + 1), bottom);
        if (y0 >= y1) continue;
        const auto [low_x, high_x] = std::minmax({a.x, b.x, c.x});
        const int32_t x0 = std::max(first_pixel(low_x), 0);
        const int32_t x1 = std::min(first_pixel(high_x + 1), width);
        if (x0 >= x1) continue;

        Triangle t(a, b, c, centre(x0), centre(y0));
        if (t.area == 0) continue;
        for (int32_t y = y0; y < y1; ++y) {
            int64_t w0 = t.e0.value, w1 = t.e1.value, w2 = t.e2.value;
            const int64_t start = int64_t{y} * width;
            for (int32_t x = x0; x < x1; ++x) {
                if ((w0 | w1 | w2) >= 0) {
                    const float z = t.depth(w0, w1, w2);
                    if (z < depth[start + x]) {
                        depth[start + x] = z;
                        index[start + x] = static_cast<int32_t>(f);
                    }
                }
                w0 += t.e0.right;
                w1 += t.e1.right;
                w2 += t.e2.right;
            }
            t.e0.value += t.e0.further;
            t.e1.value += t.e1.further;
            t.e2.value += t.e2.further;
        }
    }
}

// What the first two vertices weigh where a triangle won, corrected for perspective.
void weigh(const RasterParams& p, const Corner* corner, int32_t top, int32_t bottom, int32_t width,
           const int32_t* index, float* weight) {
    for (int32_t y = top; y < bottom; ++y) {
        for (int32_t x = 0; x < width; ++x) {
            const int64_t at = int64_t{y} * width + x;
            float* out = weight + 2 * at;
            out[0] = out[1] = 0.0f;
            if (index[at] < 0) continue;
            const int32_t* face = p.faces.row(index[at]);
            const Triangle t(corner[face[0]], corner[face[1]], corner[face[2]], centre(x),
                             centre(y));
            t.weigh(out);
        }
    }
}

void check_sizes(const RasterParams& p) {
    const SizeCheck check("raster_triangles");
    const Side P(p.vertices.size[0], "P"), F(p.faces.size[0], "F"), V(p.rotation.size[0], "V");
    const Side H(p.index.size[1], "H"), W(p.index.size[2], "W");
    check("vertices", p.vertices, {P, 3});
    check("faces", p.faces, {F, 3});
    check.cameras(V, p.rotation, p.translation, p.focal);
    check("index", p.index, {V, H, W});
    check("depth", p.depth, {V, H, W});
    check("weight", p.weight, {V, H, W, 2});
    check.rows("vertices", P.size);
    check.rows("faces", F.size);
    check.image(V, H.size, W.size);
}

}  // namespace

void raster_triangles_cpu(const RasterParams& p, int threads) {
    check_sizes(p);
    const int64_t views = p.index.size[0];
    if (views == 0) return;
    const auto height = static_cast<int32_t>(p.index.size[1]);
    const auto width = static_cast<int32_t>(p.index.size[2]);
    const int64_t work =
        p.vertices.size[0] * 8 + p.faces.size[0] * 60 + 8 * int64_t{height} * width;
    threads = threads_for(views * work, threads);
    // Fewer views than threads: the images are cut into bands of rows.
    const int64_t bands = std::min<int64_t>((threads + views - 1) / views, height);

    const auto range = [&](int64_t begin, int64_t end) {
        std::vector<Corner> corner(p.vertices.size[0]);
        for (int64_t item = begin, placed = -1; item < end; ++item) {
            const int64_t v = item / bands, band = item % bands;
            const Pinhole view{
                p.rotation.row(v), p.translation.row(v), p.focal.data[v], height, width, 0};
            if (placed != v) place_all(p.vertices, view, corner.data());
            placed = v;
            const auto top = static_cast<int32_t>(height * band / bands);
            const auto bottom = static_cast<int32_t>(height * (band + 1) / bands);
            int32_t* index = p.index.row(v);
            float* depth = p.depth.row(v);
            std::fill(index + int64_t{top} * width, index + int64_t{bottom} * width, -1);
            std::fill(depth + int64_t{top} * width, depth + int64_t{bottom} * width,
                      std::numeric_limits<float>::infinity());
            draw(p, corner.data(), top, bottom, width, index, depth);
            weigh(p, corner.data(), top, bottom, width, index, p.weight.row(v));
        }
    };
    parallel_for(views * bands, threads, range, kManyShares);
}

}  // namespace pdengine
