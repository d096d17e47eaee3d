// core/pinhole.cpp's projection of one point, on the device: each operation is rounded by itself,
// in the same order, so that a point falls on the same side of a pixel's edge everywhere.
#pragma once

#include <cuda_runtime.h>

#include <cmath>

#include "core/pinhole.h"

namespace pdengine {

struct Camera {
    float rotation[9];  // world to camera
    float translation[3];
    float focal;  // in half image widths
};

__device__ inline Camera load_camera(const float* rotation,     // [V, 3, 3]
                                     const float* translation,  // [V, 3]
                                     const float* focal,        // [V]
                                     int64_t view) {
    Camera camera;
    for (int i = 0; i < 9; ++i) camera.rotation[i] = rotation[view * 9 + i];
    for (int i = 0; i < 3; ++i) camera.translation[i] = translation[view * 3 + i];
    camera.focal = focal[view];
    return camera;
}

__device__ inline float along(const float* row, float shift, float x, float y, float z) {
    const float xy = __fadd_rn(__fmul_rn(row[0], x), __fmul_rn(row[1], y));
    return __fadd_rn(__fadd_rn(xy, __fmul_rn(row[2], z)), shift);
}

// The image position and the depth of a point, wherever it is.
__device__ inline void place(const Camera& camera, const float* point, int32_t height,
                             int32_t width, float& u, float& v, float& z) {
    const float px = point[0], py = point[1], pz = point[2];
    const float x = along(camera.rotation, camera.translation[0], px, py, pz);
    const float y = along(camera.rotation + 3, camera.translation[1], px, py, pz);
    z = along(camera.rotation + 6, camera.translation[2], px, py, pz);
    const float half_width = static_cast<float>(width) / 2;
    const float half_height = static_cast<float>(height) / 2;
    u = __fadd_rn(__fmul_rn(__fmul_rn(camera.focal, __fdiv_rn(x, z)), half_width), half_width);
    v = __fadd_rn(__fmul_rn(__fmul_rn(camera.focal, __fdiv_rn(y, z)), half_width), half_height);
}

// False where the point is behind the camera, not finite, or its pixel leaves the image by more
// than `margin` pixels; else its pixel, which may lie in the margin, and its distance along the
// axis.
__device__ inline bool project(const Camera& camera, const float* point, int32_t height,
                               int32_t width, int32_t margin, int32_t& row, int32_t& col,
                               float& depth) {
    float u, v, z;
    place(camera, point, height, width, u, v, z);
    // A coordinate that is not a number fails every comparison.
    const bool inside = z > kNearestDepth && z < INFINITY && u >= static_cast<float>(-margin) &&
                        u < static_cast<float>(width + margin) &&
                        v >= static_cast<float>(-margin) && v < static_cast<float>(height + margin);
    if (!inside) return false;
    row = __float2int_rd(v);
    col = __float2int_rd(u);
    depth = z;
    return true;
}

// row * W + col of the pixel at which a view sees a point, -1 where it does not: visible_points.
__device__ inline int32_t seen_pixel(const Camera& camera, const float* point,
                                     const float* surface,  // [H, W]
                                     int32_t height, int32_t width, float tolerance) {
    int32_t row, col;
    float depth;
    if (!project(camera, point, height, width, 0, row, col, depth)) return -1;
    const int32_t at = row * width + col;  // an image has at most 2^28 pixels
    return depth <= __fadd_rn(surface[at], tolerance) ? at : -1;
}

}  // namespace pdengine
