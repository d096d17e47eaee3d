// Each function of the package is given one size that does not fit, and says which.
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

#include <array>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>

namespace pd = pdengine;

static bool well = true;

// The call must be refused with these words.
static void refused(const std::string& words, const std::function<void()>& call) {
    std::string said = "nothing";
    try {
        call();
    } catch (const std::invalid_argument& error) {
        said = error.what();
    }
    if (said == words) return;
    std::printf("expected: %s\n     got: %s\n", words.c_str(), said.c_str());
    well = false;
}

// A view of zeros, more than any call here asks for, and of its own type and rank.
template <typename T, int Rank>
static pd::TensorView<T, Rank> of(const std::array<int64_t, Rank>& size) {
    static std::array<std::remove_const_t<T>, 4096> room{};
    return {room.data(), size};
}

struct Size {
    std::array<int64_t, 4> side;
    template <typename T, int Rank>
    operator pd::TensorView<T, Rank>() const {
        std::array<int64_t, Rank> size{};
        for (int d = 0; d < Rank; ++d) size[d] = side[d];
        return of<T, Rank>(size);
    }
};

static Size is(int64_t a, int64_t b = 0, int64_t c = 0, int64_t d = 0) {
    return {{a, b, c, d}};
}

static pd::VisibleParams five_points_in_two_views() {
    return {is(5, 3), is(2, 3, 3), is(2, 3), is(2), is(2, 4, 6), 0, is(2, 5)};
}

static void images() {
    const pd::SplatParams splat{is(5, 3), is(2, 3, 3), is(2, 3),   is(2),
                                1.5,      is(2, 4, 6), is(2, 4, 6)};
    auto wrong = splat;
    wrong.focal = is(3);
    refused("splat_points: focal must be [V] with V=2, got [3]",
            [&] { pd::splat_points_cpu(wrong, 1); });
    wrong = splat;
    wrong.depth = is(2, 4, 5);
    refused("splat_points: depth must be [V, H, W] with W=6, got [2, 4, 5]",
            [&] { pd::splat_points_cpu(wrong, 1); });
    wrong = splat;
    wrong.index = is(2, 0, 6), wrong.depth = is(2, 0, 6);
    refused("splat_points: height must be in [1, 16384], got 0",
            [&] { pd::splat_points_cpu(wrong, 1); });
    wrong = splat;
    wrong.radius_px = 256.5;
    refused("splat_points: radius_px must be in [0, 256], got 256.5",
            [&] { pd::splat_points_cpu(wrong, 1); });
    wrong = splat;
    wrong.xyz.data = nullptr;
    refused("splat_points: xyz must not be null where it is [5, 3]",
            [&] { pd::splat_points_cpu(wrong, 1); });
    wrong = splat;
    wrong.xyz = is(-5, 3);
    refused("splat_points: xyz must have no negative size, got [-5, 3]",
            [&] { pd::splat_points_cpu(wrong, 1); });

    refused("raster_triangles: weight must be [V, H, W, 2], got [2, 4, 6, 3]", [] {
        pd::raster_triangles_cpu({is(5, 3), is(7, 3), is(2, 3, 3), is(2, 3), is(2), is(2, 4, 6),
                                  is(2, 4, 6), is(2, 4, 6, 3)},
                                 1);
    });
    auto seen = five_points_in_two_views();
    seen.depth = is(1, 4, 6);
    refused("visible_points: depth must be [V, H, W] with V=2, got [1, 4, 6]",
            [&] { pd::visible_points_cpu(seen, 1); });
    refused("lift_seen_boxes: seen.depth must be [V, H, W] with V=2, got [1, 4, 6]",
            [&] { pd::lift_seen_boxes_cpu({seen, is(3, 4), is(3)}, 1); });
    seen = five_points_in_two_views();
    refused("lift_seen_boxes: view must be [B] with B=3, got [2]",
            [&] { pd::lift_seen_boxes_cpu({seen, is(3, 4), is(2)}, 1); });
    refused("lift_seen_pixels: regions must be [L, H, W] with H=4, W=6, got [3, 6, 4]",
            [&] { pd::lift_seen_pixels_cpu({seen, is(3, 6, 4), is(3), 1}, 1); });
    refused("lift_boxes: boxes must be [B, 4], got [3, 5]",
            [] { pd::lift_boxes_cpu({is(2, 5), is(3, 5), is(3), 4, 6}, 1); });
    refused("lift_pixels: view must be [L] with L=3, got [2]",
            [] { pd::lift_pixels_cpu({is(2, 5), is(3, 4, 6), is(2), 1}, 1); });
    refused("label_components: label must be [V, H, W] with V=2, H=4, got [1, 5, 6]",
            [] { pd::label_components_cpu({is(2, 4, 6), is(1, 5, 6)}, 1); });
}

static void points() {
    refused("knn: index must be [Q, k] with Q=4, got [3, 4]",
            [] { pd::knn({is(4, 3), is(9, 3), is(3, 4), is(4, 4)}, 1); });
    refused("knn: k, the columns of index, must be in [1, 2], got 4",
            [] { pd::knn({is(4, 3), is(2, 3), is(4, 4), is(4, 4)}, 1); });
    refused("farthest_points: xyz must be [N, 3], got [4, 2]",
            [] { pd::farthest_points({is(4, 2), 0, is(2)}); });
    refused("farthest_points: first must be in [0, 3], got 4",
            [] { pd::farthest_points({is(4, 3), 4, is(2)}); });
    refused("superpoints: graph must be [N, k] with N=4, got [3, 2]",
            [] { pd::superpoints_cpu({is(4, 3), is(4, 6), is(3, 2), 1, 1, is(4)}, 1); });
    refused("voxelize: count must be [N] with N=4, got [3]",
            [] { pd::voxelize({is(4, 3), 1, 0, is(4, 3), is(4), is(3)}); });
    refused("submanifold_map: backward must be [M, T] with T=27, got [4, 8]",
            [] { pd::submanifold_map({is(4, 3), 3, is(4, 27), is(4, 8)}, 1); });
    refused("submanifold_map: kernel must be odd and at most 7, got 2",
            [] { pd::submanifold_map({is(4, 3), 2, is(4, 8), is(4, 8)}, 1); });
    refused("stride_map: coarse must be [M, 3] with M=4, got [2, 3]",
            [] { pd::stride_map({is(4, 3), is(2, 3), is(4, 8), is(4, 8)}); });
}

static void units() {
    const int64_t begins[] = {0, 2, 5};
    const pd::TensorView<const int64_t, 1> offsets{begins, {3}};
    refused("unit_agreement: offsets must be [K + 1] with K + 1=2, got [3]",
            [&] { pd::unit_agreement({is(1), offsets, is(5), is(4), is(1)}, 1); });
    refused("unit_agreement: offsets must ascend from 0 to M=4, got 0 to 5",
            [&] { pd::unit_agreement({is(2), offsets, is(4), is(4), is(2)}, 1); });
}

template <typename T>
static void floats() {
    const int64_t begins[] = {0, 2, 5};
    const pd::TensorView<const int64_t, 1> offsets{begins, {3}};
    refused("unit_targets: targets must be [4, R] with R=6, got [4, 5]",
            [&] { pd::unit_targets<T>({is(2), is(2), offsets, is(5), is(6), is(4, 5)}, 1); });
    refused("soft_cross_entropy: targets must be [N, R] with R=3, got [4, 2]",
            [] { pd::soft_cross_entropy<T>({is(4, 3), is(4, 2), is(4, 3)}, 1); });
    refused("sparse_conv: weight must be [T, Cin, Cout] with Cin=2, Cout=5, got [27, 5, 2]", [] {
        pd::sparse_conv<T>({is(4, 2), is(27, 5, 2), is(27, 3), is(0), false, false, is(3, 5)}, 1);
    });
    refused("sparse_conv: bias must be [Cout] with Cout=5, got [1]", [] {
        pd::sparse_conv<T>({is(4, 2), is(27, 5, 2), is(27, 3), is(1), true, false, is(3, 5)}, 1);
    });
    refused("sparse_conv_weight: source must be [T, M_out] with M_out=3, got [27, 4]", [] {
        pd::sparse_conv_weight<T>({is(4, 2), is(3, 5), is(27, 4), is(27, 2, 5), is(0)}, 1);
    });
    refused("norm_relu: out must be [M, C] with M=4, got [3, 8]",
            [] { pd::norm_relu<T>({is(4, 8), is(8), is(8), 1e-5, is(3, 8)}, 1); });
    refused("norm_relu_gradient: d_bias must be [C] with C=8, got [4]", [] {
        pd::norm_relu_gradient<T>({is(4, 8), is(8), is(8), is(4, 8), 1e-5, is(4, 8), is(8), is(4)},
                                  1);
    });

    const pd::PointHeadParams<T> head{is(2, 8), offsets, is(5, 6), is(8, 6), is(3, 8)};
    refused("point_head: bias must be [R] with R=3, got [0]",
            [&] { pd::point_head<T>(head, is(0), is(5, 3), 1); });
    refused("point_head_gradient: out.head must be [R, E] with R=3, E=8, got [8, 3]", [&] {
        pd::point_head_gradient<T>(head, is(5, 3), {is(2, 8), is(8, 6), is(8, 3), is(3)}, 1);
    });
}

// Two levels of 3 and 1 voxels, with 4 and 8 channels.
template <typename T>
static pd::UNetWeights<T> weights() {
    pd::UNetWeights<T> out;
    out.stem = {is(4, 2), is(4)};
    out.end = {is(5, 4), is(5)};
    out.encoder = {{is(4), is(4), is(27, 4, 4)}, {is(8), is(8), is(27, 8, 8)}};
    out.decoder = {{is(4), is(4), is(27, 4, 4)}};
    out.down = {is(8, 4, 8)};
    out.up = {is(8, 8, 4)};
    out.scale = out.shift = is(4);
    return out;
}

template <typename T>
static void networks() {
    const pd::UNetParams<T> params{is(3, 2),
                                   {{is(27, 3), is(27, 3)}, {is(27, 1), is(27, 1)}},
                                   {{is(8, 1), is(8, 3)}},
                                   weights<const T>(),
                                   1e-5};
    const int64_t length = pd::unet_tape(params);
    auto wrong = params;
    wrong.weights.encoder[1].shift = is(4);
    refused("unet_tape: weights.encoder[1].shift must be [C] with C=8, got [4]",
            [&] { pd::unet_tape(wrong); });
    wrong = params;
    wrong.weights.up[0] = is(8, 4, 8);
    refused("unet: weights.up[0] must be [8, C', C] with C'=8, C=4, got [8, 4, 8]",
            [&] { pd::unet<T>(wrong, is(length), is(3, 5), 1); });
    wrong = params;
    wrong.downs[0].backward = is(8, 1);
    refused("unet: downs[0].backward must be [8, M] with M=3, got [8, 1]",
            [&] { pd::unet<T>(wrong, is(length), is(3, 5), 1); });
    wrong = params;
    wrong.downs.clear();
    refused("unet: downs must have one entry fewer than levels, 1, got 0",
            [&] { pd::unet<T>(wrong, is(length), is(3, 5), 1); });
    refused("unet: tape must be [unet_tape] with unet_tape=" + std::to_string(length) + ", got [7]",
            [&] { pd::unet<T>(params, is(7), is(3, 5), 1); });
    refused("unet: out must be [M, E] with E=5, got [3, 4]",
            [&] { pd::unet<T>(params, is(length), is(3, 4), 1); });
    auto gradients = weights<T>();
    refused("unet_gradient: came must be [M, E] with M=3, got [2, 5]",
            [&] { pd::unet_gradient<T>(params, is(length), is(2, 5), gradients, 1); });
    gradients.decoder[0].weight = is(27, 4, 8);
    refused(
        "unet_gradient: gradients.decoder[0].weight must be [27, C, C] with C=4, got [27, 4, 8]",
        [&] { pd::unet_gradient<T>(params, is(length), is(3, 5), gradients, 1); });
    gradients = weights<T>();
    gradients.encoder.pop_back();
    refused("unet_gradient: gradients.encoder must have as many entries as levels, 2, got 1",
            [&] { pd::unet_gradient<T>(params, is(length), is(3, 5), gradients, 1); });
}

int main() {
    images();
    points();
    units();
    floats<float>();
    floats<double>();
    networks<float>();
    networks<double>();
    std::puts(well ? "wrong sizes" : "something is wrong");
    return well ? 0 : 1;
}
