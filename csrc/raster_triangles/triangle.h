// A triangle on the pixel grid, said once for every backend: what it covers is decided by exact
// integers, and its depth by doubles in one order.
#pragma once

#include <cstdint>

#include "core/host_device.h"
#include "raster_triangles/raster_triangles.h"

namespace pdengine {

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

    PDENGINE_HOST_DEVICE Edge(const Corner& from, const Corner& to, int64_t x, int64_t y)
        : value((to.x - int64_t{from.x}) * (y - from.y) - (to.y - int64_t{from.y}) * (x - from.x)),
          right(-(to.y - int64_t{from.y}) * kStepsPerPixel),
          further((to.x - int64_t{from.x}) * kStepsPerPixel) {}

    PDENGINE_HOST_DEVICE void turn() {
        value = -value;
        right = -right;
        further = -further;
    }
};

PDENGINE_HOST_DEVICE inline int64_t centre(int64_t pixel) {
    return pixel * kStepsPerPixel + kStepsPerPixel / 2;
}

// The first pixel whose centre is at or after a place on the grid.
PDENGINE_HOST_DEVICE inline int32_t first_pixel(int32_t place) {
    const int32_t shifted = place + kStepsPerPixel / 2 - 1;
    return shifted >= 0 ? shifted / kStepsPerPixel
                        : -((kStepsPerPixel - 1 - shifted) / kStepsPerPixel);
}

// One triangle around a pixel.
struct Triangle {
    Edge e0, e1, e2;
    double area;
    double n0, n1, n2;  // nearness of the corners

    PDENGINE_HOST_DEVICE Triangle(const Corner& a, const Corner& b, const Corner& c, int64_t x,
                                  int64_t y)
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
    PDENGINE_HOST_DEVICE double near(int64_t w0, int64_t w1, int64_t w2) const {
        return (static_cast<double>(w0) * n0 + static_cast<double>(w1) * n1) +
               static_cast<double>(w2) * n2;
    }

    // The depth where the edges have these values; all of them are at least 0 in the triangle.
    PDENGINE_HOST_DEVICE float depth(int64_t w0, int64_t w1, int64_t w2) const {
        return static_cast<float>(area / near(w0, w1, w2));
    }

    // What the first two corners weigh at the pixel, corrected for perspective.
    PDENGINE_HOST_DEVICE void weigh(float* weight) const {
        const double whole = near(e0.value, e1.value, e2.value);
        weight[0] = static_cast<float>(static_cast<double>(e0.value) * n0 / whole);
        weight[1] = static_cast<float>(static_cast<double>(e1.value) * n1 / whole);
    }
};

}  // namespace pdengine
