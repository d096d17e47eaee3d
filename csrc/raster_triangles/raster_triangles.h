// Triangles to z-buffers: the nearest triangle per pixel, in every view.
#pragma once

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

// Vertices are moved to a grid of this many steps a pixel: from there on everything that decides
// what a pixel sees is exact.
constexpr int32_t kStepsPerPixel = 256;
// A triangle with a vertex further from the image's corner than this is not drawn (pixels).
constexpr float kFarthestPixel = 32768.0f;

struct RasterParams {
    TensorView<const float, 2> vertices;     // [P, 3]
    TensorView<const int32_t, 2> faces;      // [F, 3] into vertices
    TensorView<const float, 3> rotation;     // [V, 3, 3] world to camera
    TensorView<const float, 2> translation;  // [V, 3]
    TensorView<const float, 1> focal;        // [V]          in half image widths
    TensorView<int32_t, 3> index;            // [V, H, W]    out: nearest triangle, -1 where none
    TensorView<float, 3> depth;              // [V, H, W]    out: its depth there, inf where none
    TensorView<float, 4> weight;             // [V, H, W, 2] out: of its first two vertices
};

PDENGINE_API void raster_triangles_cpu(const RasterParams& p, int threads);

}  // namespace pdengine
