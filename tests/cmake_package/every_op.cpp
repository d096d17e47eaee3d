// Every function that the package promises: that this links says they are there, and that it
// returns 0 says that memory and errors of the core arrive at its caller.
#include <pdengine/core/cpu_features.h>
#include <pdengine/farthest_points/farthest_points.h>
#include <pdengine/kernel_map/kernel_map.h>
#include <pdengine/knn/knn.h>
#include <pdengine/label_components/label_components.h>
#include <pdengine/lift_boxes/lift_boxes.h>
#include <pdengine/lift_pixels/lift_pixels.h>
#include <pdengine/lift_seen/lift_seen.h>
#include <pdengine/norm_relu/norm_relu.h>
#include <pdengine/point_head/point_head.h>
#include <pdengine/raster_triangles/raster_triangles.h>
#include <pdengine/soft_cross_entropy/soft_cross_entropy.h>
#include <pdengine/sparse_conv/sparse_conv.h>
#include <pdengine/splat_points/splat_points.h>
#include <pdengine/superpoints/superpoints.h>
#include <pdengine/unet/unet.h>
#include <pdengine/unit_agreement/unit_agreement.h>
#include <pdengine/unit_targets/unit_targets.h>
#include <pdengine/visible_points/visible_points.h>
#include <pdengine/voxelize/voxelize.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace pd = pdengine;

// Not null, and not known to be so when this is compiled.
template <typename Function>
bool linked(Function* function) {
    Function* volatile address = function;
    return address != nullptr;
}

bool all_linked() {
    return linked(pd::splat_points_cpu) && linked(pd::raster_triangles_cpu) &&
           linked(pd::visible_points_cpu) && linked(pd::lift_boxes_cpu) &&
           linked(pd::lift_pixels_cpu) && linked(pd::lift_seen_boxes_cpu) &&
           linked(pd::lift_seen_pixels_cpu) && linked(pd::label_components_cpu) &&
           linked(pd::unit_targets<float>) && linked(pd::unit_targets<double>) &&
           linked(pd::unit_agreement) && linked(pd::soft_cross_entropy<float>) &&
           linked(pd::soft_cross_entropy<double>) && linked(pd::voxelize) &&
           linked(pd::submanifold_map) && linked(pd::stride_map) &&
           linked(pd::sparse_conv<float>) && linked(pd::sparse_conv<double>) &&
           linked(pd::sparse_conv_weight<float>) && linked(pd::sparse_conv_weight<double>) &&
           linked(pd::norm_relu<float>) && linked(pd::norm_relu_gradient<float>) &&
           linked(pd::norm_relu<double>) && linked(pd::norm_relu_gradient<double>) &&
           linked(pd::point_head<float>) && linked(pd::point_head_gradient<float>) &&
           linked(pd::point_head<double>) && linked(pd::point_head_gradient<double>) &&
           linked(pd::unet<float>) && linked(pd::unet_gradient<float>) &&
           linked(pd::unet<double>) && linked(pd::unet_gradient<double>) &&
           linked(pd::unet_tape<float>) && linked(pd::unet_tape<double>) && linked(pd::knn) &&
           linked(pd::farthest_points) && linked(pd::superpoints_cpu) && linked(pd::simd) &&
           linked(pd::limit_simd);
}

// Two pixels of a 1 x 4 image, seen by points 0 and 2; the box holds the second.
bool a_box_holds_a_point() {
    const int32_t pixel[] = {0, -1, 2};
    const float box[] = {2, 0, 3, 1};
    const int64_t view[] = {0};
    const pd::Rows rows =
        pd::lift_boxes_cpu({{pixel, {1, 3}}, {box, {1, 4}}, {view, {1}}, 1, 4}, 1);
    return rows.offsets.size() == 2 && rows.offsets[1] == 1 && rows.value[0] == 2;
}

bool a_wrong_id_is_an_exception() {
    const int32_t pixel[] = {0}, regions[] = {7};
    const int64_t view[] = {0};
    try {
        pd::lift_pixels_cpu({{pixel, {1, 1}}, {regions, {1, 1, 1}}, {view, {1}}, 3}, 1);
    } catch (const std::invalid_argument& error) {
        return std::strstr(error.what(), "regions must be in [-1, 3)") != nullptr;
    }
    return false;
}

// No point, no voxel or no view; Python answers these before it calls the core.
bool nothing_gives_nothing() {
    const float turn[] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, shift[] = {0, 0, 3}, focal[] = {2};
    int32_t index[] = {7};
    float depth[] = {7}, target[] = {7};
    const pd::TensorView<const float, 2> no_points{nullptr, {0, 3}};
    const pd::TensorView<int32_t, 2> no_coords{nullptr, {0, 3}}, no_map{nullptr, {0, 8}};
    pd::splat_points_cpu({no_points,
                          {turn, {1, 3, 3}},
                          {shift, {1, 3}},
                          {focal, {1}},
                          1.5,
                          {index, {1, 1, 1}},
                          {depth, {1, 1, 1}}},
                         4);
    pd::raster_triangles_cpu({no_points, {}, {}, {}, {}, {}, {}, {}}, 4);
    pd::knn({no_points, {shift, {1, 3}}, {nullptr, {0, 1}}, {nullptr, {0, 1}}}, 4);
    pd::farthest_points({no_points, 0, {nullptr, {0}}});
    pd::superpoints_cpu({no_points, no_points, {nullptr, {0, 1}}, 1, 1, {nullptr, {0}}}, 4);
    pd::splat_points_cpu({{shift, {1, 3}}, {}, {}, {}, 1.5, {}, {}}, 4);
    pd::visible_points_cpu({{shift, {1, 3}}, {}, {}, {}, {}, 0, {nullptr, {0, 1}}}, 4);
    pd::unit_agreement({{}, {}, {}, {}, {}}, 4);
    pd::unit_targets<float>({{}, {}, {}, {}, {focal, {1}}, {target, {1, 1}}}, 4);
    const bool nothing_lifted = pd::lift_boxes_cpu({{}, {}, {}, 0, 0}, 4).offsets.size() == 1 &&
                                pd::lift_pixels_cpu({{}, {}, {}, 0}, 4).offsets.size() == 1 &&
                                pd::label_components_cpu({{}, {}}, 4).size.empty();
    return target[0] == 0 && nothing_lifted && index[0] == -1 && std::isinf(depth[0]) &&
           pd::soft_cross_entropy<float>({}, 4) == 0 &&
           pd::voxelize({no_points, 1, 0, no_coords, {}, {}}) == 0 &&
           pd::stride_map({{nullptr, {0, 3}}, no_coords, no_map, no_map}) == 0;
}

bool the_limit_counts() {
    pd::limit_simd(pd::Simd::portable);
    const bool limited = pd::simd() == pd::Simd::portable;
    pd::limit_simd(pd::Simd::avx512);
    return limited;
}

// One voxel, one level, all weights 1: its own tap alone meets it.  The norm of one channel is its
// shift, 1, so the block adds 1 to what the stem makes of 2 and 1, and the end makes 2 of that.
bool a_network_runs_and_learns() {
    const std::vector<float> ones(27, 1.0f);
    const float mean[] = {2};
    std::vector<int32_t> near(27, -1);
    near[13] = 0;
    const pd::UNetLinear<const float> linear{{ones.data(), {1, 1}}, {ones.data(), {1}}};
    const pd::TensorView<const float, 1> one{ones.data(), {1}};
    const pd::UNetMap map{{near.data(), {27, 1}}, {near.data(), {27, 1}}};
    pd::UNetParams<float> params{{mean, {1, 1}}, {map}, {}, {}, 1e-5};
    params.weights = {linear, linear, {{one, one, {ones.data(), {27, 1, 1}}}}, {}, {}, {},
                      one,    one};
    std::vector<float> tape(pd::unet_tape(params)), out(1), found(27 + 8, -1.0f);
    const int64_t length = static_cast<int64_t>(tape.size());
    pd::unet<float>(params, {tape.data(), {length}}, {out.data(), {1, 1}}, 2);
    pd::UNetWeights<float> gradients;
    gradients.stem = {{&found[27], {1, 1}}, {&found[28], {1}}};
    gradients.end = {{&found[29], {1, 1}}, {&found[30], {1}}};
    gradients.encoder = {{{&found[31], {1}}, {&found[32], {1}}, {&found[0], {27, 1, 1}}}};
    gradients.scale = {&found[33], {1}};
    gradients.shift = {&found[34], {1}};
    pd::unet_gradient<float>(params, {tape.data(), {length}}, {ones.data(), {1, 1}}, gradients, 2);
    // The last norm hides the voxel from the loss: only what stands behind it learns.
    const bool learned = found[29] == 1 && found[30] == 1 && found[34] == 1;
    return out[0] == 2 && learned && found[13] == 0 && found[27] == 0 && found[33] == 0;
}

int main() {
    const bool well = all_linked() && a_box_holds_a_point() && a_wrong_id_is_an_exception() &&
                      nothing_gives_nothing() && the_limit_counts() && a_network_runs_and_learns();
    std::puts(well ? "every op" : "something is wrong");
    return well ? 0 : 1;
}
