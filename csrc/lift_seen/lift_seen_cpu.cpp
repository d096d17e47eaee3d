#include "lift_boxes/lift_boxes.h"
#include "lift_pixels/lift_pixels.h"
#include "lift_seen/lift_seen.h"
#include "visible_points/check_seen.h"

// One after the other: a processor has no launch to save, and the caller asked for the pixels.
namespace pdengine {
namespace {

TensorView<const int32_t, 2> look(const VisibleParams& seen, int threads) {
    visible_points_cpu(seen, threads);
    return {seen.pixel.data, seen.pixel.size};
}

void check_sizes(const LiftSeenBoxesParams& p) {
    check_seen(SizeCheck("lift_seen_boxes", "seen."), p.seen);
    const SizeCheck check("lift_seen_boxes");
    const Side B(p.boxes.size[0], "B");
    check("boxes", p.boxes, {B, 4});
    check("view", p.view, {B});
}

void check_sizes(const LiftSeenPixelsParams& p) {
    check_seen(SizeCheck("lift_seen_pixels", "seen."), p.seen);
    const SizeCheck check("lift_seen_pixels");
    const Side L(p.regions.size[0], "L");
    const Side H(p.seen.depth.size[1], "H"), W(p.seen.depth.size[2], "W");
    check("regions", p.regions, {L, H, W});
    check("view", p.view, {L});
    check.range("count", p.count, 0, INT32_MAX);
}

}  // namespace

Rows lift_seen_boxes_cpu(const LiftSeenBoxesParams& p, int threads) {
    check_sizes(p);
    const auto height = static_cast<int32_t>(p.seen.depth.size[1]);
    const auto width = static_cast<int32_t>(p.seen.depth.size[2]);
    return lift_boxes_cpu({look(p.seen, threads), p.boxes, p.view, height, width}, threads);
}

Rows lift_seen_pixels_cpu(const LiftSeenPixelsParams& p, int threads) {
    check_sizes(p);
    return lift_pixels_cpu({look(p.seen, threads), p.regions, p.view, p.count}, threads);
}

}  // namespace pdengine
