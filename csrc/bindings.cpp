// The only file that knows Python: NumPy arrays in, TensorViews to the core.  Shapes and dtypes are
// checked by kernels/<op>/op.py; a wrong dtype here is our own mistake and raises TypeError.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "core/cpu_features.h"
#include "core/tensor_view.h"
#include "knn/knn.h"
#include "splat_points/splat_points.h"
#include "visible_points/visible_points.h"

namespace py = pybind11;
namespace pd = pdengine;

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

// A view of an array that the caller keeps alive for the whole call.
template <int Rank, typename T>
static pd::TensorView<T, Rank> view(Array<T>& array) {
    if (array.ndim() != Rank) throw py::type_error("wrong number of dimensions");
    pd::TensorView<T, Rank> out{array.mutable_data(), {}};
    for (int d = 0; d < Rank; ++d) out.size[d] = array.shape(d);
    return out;
}

template <int Rank, typename T>
static pd::TensorView<const T, Rank> const_view(const Array<T>& array) {
    if (array.ndim() != Rank) throw py::type_error("wrong number of dimensions");
    pd::TensorView<const T, Rank> out{array.data(), {}};
    for (int d = 0; d < Rank; ++d) out.size[d] = array.shape(d);
    return out;
}

// The ops of the student: units, losses, voxels, convolutions, neighbours.  Arrays are taken as
// they are (no silent copy), and the interpreter is free while the core works.
static void define_student_ops(py::module_& m) {
    const auto exact = py::arg().noconvert();
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
}

PYBIND11_MODULE(_C, m) {
    m.doc() = "pdengine's C++ core";
    m.def("has_avx2_fma", &pd::has_avx2_fma);

    m.def("splat_points",
          [](const Array<float>& xyz, const Array<float>& rotation, const Array<float>& translation,
             const Array<float>& focal, double radius_px, Array<int32_t>& index,
             Array<float>& depth, int threads) {
              const pd::SplatParams params{const_view<2>(xyz),
                                           const_view<3>(rotation),
                                           const_view<2>(translation),
                                           const_view<1>(focal),
                                           radius_px,
                                           view<3>(index),
                                           view<3>(depth)};
              py::gil_scoped_release release;
              pd::splat_points_cpu(params, threads);
          });
    m.def("visible_points",
          [](const Array<float>& xyz, const Array<float>& rotation, const Array<float>& translation,
             const Array<float>& focal, const Array<float>& depth, double tolerance,
             Array<int32_t>& pixel, int threads) {
              const pd::VisibleParams params{
                  const_view<2>(xyz),   const_view<3>(rotation), const_view<2>(translation),
                  const_view<1>(focal), const_view<3>(depth),    static_cast<float>(tolerance),
                  view<2>(pixel)};
              py::gil_scoped_release release;
              pd::visible_points_cpu(params, threads);
          });
    define_student_ops(m);
}
