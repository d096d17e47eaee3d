// The pinhole projection, said once for every op that needs a point's pixel.
#pragma once

#include <cstdint>

namespace pdengine {

// Points closer to the camera plane than this have no pixel (scene units).
constexpr float kNearestDepth = 1e-6f;

// One view and the window of pixels that counts: the image and `margin` pixels around it.
struct Pinhole {
    const float* rotation;     // [3, 3] world to camera
    const float* translation;  // [3]
    float focal;               // in half image widths
    int32_t height;            // pixels
    int32_t width;             // pixels
    int32_t margin;            // pixels

    int32_t window_width() const { return width + 2 * margin; }
    int32_t window_height() const { return height + 2 * margin; }
};

// The image position and the depth of a point, wherever it is.
inline void place(const float* xyz, const Pinhole& view, float* u, float* v, float* z) {
    const float* r = view.rotation;
    const float* t = view.translation;
    const float half_width = static_cast<float>(view.width) / 2;
    const float half_height = static_cast<float>(view.height) / 2;
    const float x = ((r[0] * xyz[0] + r[1] * xyz[1]) + r[2] * xyz[2]) + t[0];
    const float y = ((r[3] * xyz[0] + r[4] * xyz[1]) + r[5] * xyz[2]) + t[1];
    *z = ((r[6] * xyz[0] + r[7] * xyz[1]) + r[8] * xyz[2]) + t[2];
    *u = (view.focal * (x / *z)) * half_width + half_width;
    *v = (view.focal * (y / *z)) * half_width + half_height;
}

// Points are projected in blocks of this many, so that the results stay in the first-level cache.
constexpr int64_t kProjectionBlock = 1024;

// pixel[i] = (row + margin) * window_width + (col + margin) of point i, or -1 where it is behind
// the camera, not finite or outside the window; depth[i] is its distance along the view axis.  The
// results do not depend on the processor: each operation is rounded by itself, in one order.
void project(const float* xyz, int64_t count, const Pinhole& view, int32_t* pixel, float* depth);

}  // namespace pdengine
