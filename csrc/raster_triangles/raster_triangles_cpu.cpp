#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/parallel.h"
#include "core/pinhole.h"
#include "raster_triangles/raster_triangles.h"

namespace pdengine {
namespace {

// A vertex in one view: its place on the grid, and the inverse of its depth, 0 where it has none.
struct Corner {
    int32_t x, y;
    double nearness;
};

// Twice the signed area of the triangle (from, to, pixel), in grid steps: exact, below 2^51.
struct Edge {
    int64_t value;    // at the pixel that is looked at
    int64_t right;    // its change one pixel to the right
    int64_t further;  // and one pixel down

    Edge(const Corner& from, const Corner& to, int64_t x, int64_t y)
        : value((to.x - int64_t{from.x}) * (y - from.y) - (to.y - int64_t{from.y}) * (x - from.x)),
          right(-(to.y - int64_t{from.y}) * kStepsPerPixel),
          further((to.x - int64_t{from.x}) * kStepsPerPixel) {}

    void turn() {
        value = -value;
        right = -right;
        further = -further;
    }
};

inline int64_t centre(int64_t pixel) {
    return pixel * kStepsPerPixel + kStepsPerPixel / 2;
}

// The first pixel whose centre is at or after a place on the grid.
inline int32_t first_pixel(int32_t place) {
    const int32_t shifted = place + kStepsPerPixel / 2 - 1;
    return shifted >= 0 ? shifted / kStepsPerPixel
                        : -((kStepsPerPixel - 1 - shifted) / kStepsPerPixel);
}

// One triangle around a pixel.
struct Triangle {
    Edge e0, e1, e2;
    double area;
    double n0, n1, n2;  // nearness of the corners

    Triangle(const Corner& a, const Corner& b, const Corner& c, int64_t x, int64_t y)
        : e0(b, c, x, y),
          e1(c, a, x, y),
          e2(a, b, x, y),
          n0(a.nearness),
          n1(b.nearness),
          n2(c.nearness) {
        int64_t whole = e0.value + e1.value + e2.value;
        if (whole < 0) {
            whole = -whole;
            e0.turn();
            e1.turn();
            e2.turn();
        }
        area = static_cast<double>(whole);
    }

    // Area times the inverse of the depth, which is linear in the image.
    static double near(double w0, double w1, double w2, const Triangle& t) {
        return (w0 * t.n0 + w1 * t.n1) + w2 * t.n2;
    }
};

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
                    const double near =
                        Triangle::near(static_cast<double>(w0), static_cast<double>(w1),
                                       static_cast<double>(w2), t);
                    const float z = static_cast<float>(t.area / near);
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
            const double w0 = static_cast<double>(t.e0.value), w1 = static_cast<double>(t.e1.value),
                         w2 = static_cast<double>(t.e2.value);
            const double near = Triangle::near(w0, w1, w2, t);
            out[0] = static_cast<float>(w0 * t.n0 / near);
            out[1] = static_cast<float>(w1 * t.n1 / near);
        }
    }
}

}  // namespace

void raster_triangles_cpu(const RasterParams& p, int threads) {
    const int64_t views = p.index.size[0];
    const auto height = static_cast<int32_t>(p.index.size[1]);
    const auto width = static_cast<int32_t>(p.index.size[2]);
    const int64_t work =
        p.vertices.size[0] * 8 + p.faces.size[0] * 60 + 8 * int64_t{height} * width;
    threads = threads_for(views * work, threads);
    // Fewer views than threads: the images are cut into bands of rows.
    const int64_t bands = std::min<int64_t>((threads + views - 1) / views, height);

    parallel_for(views * bands, threads, [&](int64_t begin, int64_t end) {
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
    });
}

}  // namespace pdengine
