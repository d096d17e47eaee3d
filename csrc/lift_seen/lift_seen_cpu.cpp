#include "lift_boxes/lift_boxes.h"
#include "lift_pixels/lift_pixels.h"
#include "lift_seen/lift_seen.h"

// One after the other: a processor has no launch to save, and the caller asked for the pixels.
namespace pdengine {
namespace {

TensorView<const int32_t, 2> look(const VisibleParams& seen, int threads) {
    visible_points_cpu(seen, threads);
    return {seen.pixel.data, seen.pixel.size};
}

}  // namespace

Rows lift_seen_boxes_cpu(const LiftSeenBoxesParams& p, int threads) {
    const auto height = static_cast<int32_t>(p.seen.depth.size[1]);
    const auto width = static_cast<int32_t>(p.seen.depth.size[2]);
    return lift_boxes_cpu({look(p.seen, threads), p.boxes, p.view, height, width}, threads);
}

Rows lift_seen_pixels_cpu(const LiftSeenPixelsParams& p, int threads) {
    return lift_pixels_cpu({look(p.seen, threads), p.regions, p.view, p.count}, threads);
}

}  // namespace pdengine
