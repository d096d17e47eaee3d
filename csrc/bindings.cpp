// The ops of the C++ core for Python.
#include "bindings.h"

#include "core/cpu_features.h"
#include "farthest_points/farthest_points.h"
#include "kernel_map/kernel_map.h"
#include "knn/knn.h"
#include "label_components/label_components.h"
#include "lift_boxes/lift_boxes.h"
#include "lift_pixels/lift_pixels.h"
#include "lift_seen/lift_seen.h"
#include "norm_relu/norm_relu.h"
#include "point_head/point_head.h"
#include "raster_triangles/raster_triangles.h"
#include "soft_cross_entropy/soft_cross_entropy.h"
#include "sparse_conv/sparse_conv.h"
#include "splat_points/splat_points.h"
#include "superpoints/superpoints.h"
#include "unit_agreement/unit_agreement.h"
#include "unit_targets/unit_targets.h"
#include "visible_points/visible_points.h"
#include "voxelize/voxelize.h"

// The ops of the images: points to pixels and back.  Arrays are taken as they are (no silent copy),
// and the interpreter is free while the core works.
static void define_image_ops(py::module_& m) {
    m.def(
        "splat_points",
        [](const Array<float>& xyz, const Array<float>& rotation, const Array<float>& translation,
           const Array<float>& focal, double radius_px, Array<int32_t>& index, Array<float>& depth,
           int threads) {
            const pd::SplatParams params{const_view<2>(xyz),
                                         const_view<3>(rotation),
                                         const_view<2>(translation),
                                         const_view<1>(focal),
                                         radius_px,
                                         view<3>(index),
                                         view<3>(depth)};
            py::gil_scoped_release release;
            pd::splat_points_cpu(params, threads);
        },
        exact, exact, exact, exact, py::arg("radius_px"), exact, exact, py::arg("threads"));
    m.def(
        "raster_triangles",
        [](const Array<float>& vertices, const Array<int32_t>& faces, const Array<float>& rotation,
           const Array<float>& translation, const Array<float>& focal, Array<int32_t>& index,
           Array<float>& depth, Array<float>& weight, int threads) {
            const pd::RasterParams params{const_view<2>(vertices), const_view<2>(faces),
                                          const_view<3>(rotation), const_view<2>(translation),
                                          const_view<1>(focal),    view<3>(index),
                                          view<3>(depth),          view<4>(weight)};
            py::gil_scoped_release release;
            pd::raster_triangles_cpu(params, threads);
        },
        exact, exact, exact, exact, exact, exact, exact, exact, py::arg("threads"));
    m.def(
        "visible_points",
        [](const Array<float>& xyz, const Array<float>& rotation, const Array<float>& translation,
           const Array<float>& focal, const Array<float>& depth, double tolerance,
           Array<int32_t>& pixel, int threads) {
            const pd::VisibleParams params{
                const_view<2>(xyz),   const_view<3>(rotation), const_view<2>(translation),
                const_view<1>(focal), const_view<3>(depth),    static_cast<float>(tolerance),
                view<2>(pixel)};
            py::gil_scoped_release release;
            pd::visible_points_cpu(params, threads);
        },
        exact, exact, exact, exact, exact, py::arg("tolerance"), exact, py::arg("threads"));
    m.def(
        "lift_boxes",
        [](const Array<int32_t>& pixel, const Array<float>& boxes, const Array<int64_t>& view,
           int32_t height, int32_t width, int threads) {
            const pd::LiftBoxesParams params{const_view<2>(pixel), const_view<2>(boxes),
                                             const_view<1>(view), height, width};
            return take([&] {
                py::gil_scoped_release release;
                return pd::lift_boxes_cpu(params, threads);
            }());
        },
        exact, exact, exact, py::arg("height"), py::arg("width"), py::arg("threads"));
    m.def(
        "lift_pixels",
        [](const Array<int32_t>& pixel, const Array<int32_t>& regions, const Array<int64_t>& view,
           int64_t count, int threads) {
            const pd::LiftPixelsParams params{const_view<2>(pixel), const_view<3>(regions),
                                              const_view<1>(view), count};
            return take([&] {
                py::gil_scoped_release release;
                return pd::lift_pixels_cpu(params, threads);
            }());
        },
        exact, exact, exact, py::arg("count"), py::arg("threads"));
    m.def(
        "lift_seen_boxes",
        [](const Array<float>& xyz, const Array<float>& rotation, const Array<float>& translation,
           const Array<float>& focal, const Array<float>& depth, double tolerance,
           Array<int32_t>& pixel, const Array<float>& boxes, const Array<int64_t>& of_view,
           int threads) {
            const pd::VisibleParams seen{
                const_view<2>(xyz),   const_view<3>(rotation), const_view<2>(translation),
                const_view<1>(focal), const_view<3>(depth),    static_cast<float>(tolerance),
                view<2>(pixel)};
            const pd::LiftSeenBoxesParams params{seen, const_view<2>(boxes),
                                                 const_view<1>(of_view)};
            return take([&] {
                py::gil_scoped_release release;
                return pd::lift_seen_boxes_cpu(params, threads);
            }());
        },
        exact, exact, exact, exact, exact, py::arg("tolerance"), exact, exact, exact,
        py::arg("threads"));
    m.def(
        "lift_seen_pixels",
        [](const Array<float>& xyz, const Array<float>& rotation, const Array<float>& translation,
           const Array<float>& focal, const Array<float>& depth, double tolerance,
           Array<int32_t>& pixel, const Array<int32_t>& regions, const Array<int64_t>& of_view,
           int64_t count, int threads) {
            const pd::VisibleParams seen{
                const_view<2>(xyz),   const_view<3>(rotation), const_view<2>(translation),
                const_view<1>(focal), const_view<3>(depth),    static_cast<float>(tolerance),
                view<2>(pixel)};
            const pd::LiftSeenPixelsParams params{seen, const_view<3>(regions),
                                                  const_view<1>(of_view), count};
            return take([&] {
                py::gil_scoped_release release;
                return pd::lift_seen_pixels_cpu(params, threads);
            }());
        },
        exact, exact, exact, exact, exact, py::arg("tolerance"), exact, exact, exact,
        py::arg("count"), py::arg("threads"));
    m.def(
        "label_components",
        [](const Array<int32_t>& classes, Array<int32_t>& label, int threads) {
            const pd::ComponentsParams params{const_view<3>(classes), view<3>(label)};
            pd::ComponentList list = [&] {
                py::gil_scoped_release release;
                return pd::label_components_cpu(params, threads);
            }();
            return py::make_tuple(take(std::move(list.view)), take(std::move(list.class_)),
                                  take(std::move(list.size)));
        },
        exact, exact, py::arg("threads"));
}

// The ops of the student: units, loss, voxels, convolutions, neighbours.  Arrays are taken as they
// are (no silent copy), and the interpreter is free while the core works.
template <typename T>
static void define_student_floats(py::module_& m) {
    m.def(
        "unit_targets",
        [](const Array<int64_t>& label, const Array<T>& score, const Array<int64_t>& offsets,
           const Array<int64_t>& point, const Array<T>& class_weight, Array<T>& targets,
           int threads) {
            const pd::UnitTargetsParams<T> params{const_view<1>(label),        const_view<1>(score),
                                                  const_view<1>(offsets),      const_view<1>(point),
                                                  const_view<1>(class_weight), view<2>(targets)};
            py::gil_scoped_release release;
            pd::unit_targets(params, threads);
        },
        exact, exact, exact, exact, exact, exact, py::arg("threads"));
    m.def(
        "soft_cross_entropy",
        [](const Array<T>& logits, const Array<T>& targets, Array<T>& gradient, int threads) {
            const pd::SoftCrossEntropyParams<T> params{const_view<2>(logits),
                                                       const_view<2>(targets), view<2>(gradient)};
            py::gil_scoped_release release;
            return pd::soft_cross_entropy(params, threads);
        },
        exact, exact, exact, py::arg("threads"));
    m.def(
        "norm_relu",
        [](const Array<T>& features, const Array<T>& weight, const Array<T>& bias, double eps,
           Array<T>& out, int threads) {
            const pd::NormReluParams<T> params{const_view<2>(features), const_view<1>(weight),
                                               const_view<1>(bias), eps, view<2>(out)};
            py::gil_scoped_release release;
            pd::norm_relu(params, threads);
        },
        exact, exact, exact, py::arg("eps"), exact, py::arg("threads"));
    m.def(
        "norm_relu_gradient",
        [](const Array<T>& features, const Array<T>& weight, const Array<T>& bias,
           const Array<T>& gradient, double eps, Array<T>& d_features, Array<T>& d_weight,
           Array<T>& d_bias, int threads) {
            const pd::NormReluGradientParams<T> params{const_view<2>(features),
                                                       const_view<1>(weight),
                                                       const_view<1>(bias),
                                                       const_view<2>(gradient),
                                                       eps,
                                                       view<2>(d_features),
                                                       view<1>(d_weight),
                                                       view<1>(d_bias)};
            py::gil_scoped_release release;
            pd::norm_relu_gradient(params, threads);
        },
        exact, exact, exact, exact, py::arg("eps"), exact, exact, exact, py::arg("threads"));
    m.def(
        "point_head",
        [](const Array<T>& voxel, const Array<int64_t>& offsets, const Array<T>& features,
           const Array<T>& weight, const Array<T>& head, const Array<T>& bias, Array<T>& logits,
           int threads) {
            const pd::PointHeadParams<T> params{const_view<2>(voxel), const_view<1>(offsets),
                                                const_view<2>(features), const_view<2>(weight),
                                                const_view<2>(head)};
            const auto added = const_view<1>(bias);
            const auto out = view<2>(logits);
            py::gil_scoped_release release;
            pd::point_head(params, added, out, threads);
        },
        exact, exact, exact, exact, exact, exact, exact, py::arg("threads"));
    m.def(
        "point_head_gradient",
        [](const Array<T>& voxel, const Array<int64_t>& offsets, const Array<T>& features,
           const Array<T>& weight, const Array<T>& head, const Array<T>& gradient,
           Array<T>& d_voxel, Array<T>& d_weight, Array<T>& d_head, Array<T>& d_bias, int threads) {
            const pd::PointHeadParams<T> params{const_view<2>(voxel), const_view<1>(offsets),
                                                const_view<2>(features), const_view<2>(weight),
                                                const_view<2>(head)};
            const auto came = const_view<2>(gradient);
            const pd::PointHeadGradients<T> out{view<2>(d_voxel), view<2>(d_weight),
                                                view<2>(d_head), view<1>(d_bias)};
            py::gil_scoped_release release;
            pd::point_head_gradient(params, came, out, threads);
        },
        exact, exact, exact, exact, exact, exact, exact, exact, exact, exact, py::arg("threads"));
    m.def(
        "sparse_conv",
        [](const Array<T>& features, const Array<T>& weight, const Array<int32_t>& source,
           const Array<T>& bias, bool transpose_weight, bool add, Array<T>& out, int threads) {
            const pd::SparseConvParams<T> params{const_view<2>(features),
                                                 const_view<3>(weight),
                                                 const_view<2>(source),
                                                 const_view<1>(bias),
                                                 transpose_weight,
                                                 add,
                                                 view<2>(out)};
            py::gil_scoped_release release;
            pd::sparse_conv(params, threads);
        },
        exact, exact, exact, exact, py::arg("transpose_weight"), py::arg("add"), exact,
        py::arg("threads"));
    m.def(
        "sparse_conv_weight",
        [](const Array<T>& features, const Array<T>& gradient, const Array<int32_t>& source,
           Array<T>& weight, Array<T>& bias, int threads) {
            const pd::SparseConvWeightParams<T> params{
                const_view<2>(features), const_view<2>(gradient), const_view<2>(source),
                view<3>(weight), view<1>(bias)};
            py::gil_scoped_release release;
            pd::sparse_conv_weight(params, threads);
        },
        exact, exact, exact, exact, exact, py::arg("threads"));
}

static void define_student_ops(py::module_& m) {
    define_student_floats<float>(m);
    define_student_floats<double>(m);
    m.def(
        "unit_agreement",
        [](const Array<int64_t>& label, const Array<int64_t>& offsets, const Array<int64_t>& point,
           const Array<int64_t>& prediction, Array<float>& agreement, int threads) {
            const pd::UnitAgreementParams params{const_view<1>(label), const_view<1>(offsets),
                                                 const_view<1>(point), const_view<1>(prediction),
                                                 view<1>(agreement)};
            py::gil_scoped_release release;
            pd::unit_agreement(params, threads);
        },
        exact, exact, exact, exact, exact, py::arg("threads"));
    m.def(
        "voxelize",
        [](const Array<float>& xyz, double size, double origin, Array<int32_t>& coords,
           Array<int64_t>& voxel, Array<int64_t>& count) {
            const pd::VoxelizeParams params{
                const_view<2>(xyz), static_cast<float>(size), static_cast<float>(origin),
                view<2>(coords),    view<1>(voxel),           view<1>(count)};
            py::gil_scoped_release release;
            return pd::voxelize(params);
        },
        exact, py::arg("size"), py::arg("origin"), exact, exact, exact);
    m.def(
        "submanifold_map",
        [](const Array<int32_t>& coords, int kernel, Array<int32_t>& forward,
           Array<int32_t>& backward, int threads) {
            const pd::SubmanifoldMapParams params{const_view<2>(coords), kernel, view<2>(forward),
                                                  view<2>(backward)};
            py::gil_scoped_release release;
            pd::submanifold_map(params, threads);
        },
        exact, py::arg("kernel"), exact, exact, py::arg("threads"));
    m.def(
        "stride_map",
        [](const Array<int32_t>& coords, Array<int32_t>& coarse, Array<int32_t>& forward,
           Array<int32_t>& backward) {
            const pd::StrideMapParams params{const_view<2>(coords), view<2>(coarse),
                                             view<2>(forward), view<2>(backward)};
            py::gil_scoped_release release;
            return pd::stride_map(params);
        },
        exact, exact, exact, exact);
    m.def(
        "knn",
        [](const Array<float>& query, const Array<float>& points, Array<int64_t>& index,
           Array<float>& distance, int threads) {
            const pd::KnnParams params{const_view<2>(query), const_view<2>(points), view<2>(index),
                                       view<2>(distance)};
            py::gil_scoped_release release;
            pd::knn(params, threads);
        },
        exact, exact, exact, exact, py::arg("threads"));
    m.def(
        "farthest_points",
        [](const Array<float>& xyz, int64_t first, Array<int64_t>& index) {
            const pd::FarthestPointsParams params{const_view<2>(xyz), first, view<1>(index)};
            py::gil_scoped_release release;
            pd::farthest_points(params);
        },
        exact, py::arg("first"), exact);
    m.def(
        "superpoints",
        [](const Array<float>& positions, const Array<float>& features, const Array<int64_t>& graph,
           float regularisation, int64_t smallest, Array<int64_t>& label, int threads) {
            const pd::SuperpointsParams params{const_view<2>(positions),
                                               const_view<2>(features),
                                               const_view<2>(graph),
                                               regularisation,
                                               smallest,
                                               view<1>(label)};
            py::gil_scoped_release release;
            pd::superpoints_cpu(params, threads);
        },
        exact, exact, exact, py::arg("regularisation"), py::arg("smallest"), exact,
        py::arg("threads"));
}

void define_unet(py::module_& m);      // bindings_unet.cpp
void define_cuda_ops(py::module_& m);  // bindings_cuda.cpp

PYBIND11_MODULE(_C, m) {
    m.doc() = "pdengine's C++ core";
    py::enum_<pd::Simd>(m, "Simd")
        .value("portable", pd::Simd::portable)
        .value("avx2", pd::Simd::avx2)
        .value("avx512", pd::Simd::avx512);
    m.def("simd", &pd::simd);
    m.def("limit_simd", &pd::limit_simd, py::arg("widest"));
    define_image_ops(m);
    define_student_ops(m);
    define_unet(m);
    define_cuda_ops(m);
}
