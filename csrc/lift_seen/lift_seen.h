// The points that each view sees, and those of them that boxes and regions call.
#pragma once

#include "../core/api.h"
#include "../core/rows.h"
#include "../core/tensor_view.h"
#include "../visible_points/visible_points.h"

namespace pdengine {

struct LiftSeenBoxesParams {
    VisibleParams seen;                 // what is looked at; its pixel is written
    TensorView<const float, 2> boxes;   // [B, 4] XYXY in pixels
    TensorView<const int64_t, 1> view;  // [B]    in [0, V)
};

struct LiftSeenPixelsParams {
    VisibleParams seen;                    // what is looked at; its pixel is written
    TensorView<const int32_t, 3> regions;  // [L, H, W] unit of each pixel, -1 where none
    TensorView<const int64_t, 1> view;     // [L]       in [0, V)
    int64_t count;                         //           units
};

// Points per box, ascending.
PDENGINE_API Rows lift_seen_boxes_cpu(const LiftSeenBoxesParams& p, int threads);

// Points per unit, ascending.  Throws std::invalid_argument as lift_pixels_cpu does.
PDENGINE_API Rows lift_seen_pixels_cpu(const LiftSeenPixelsParams& p, int threads);

}  // namespace pdengine
