// The only file that knows Python: NumPy arrays in, TensorViews to the core.  Shapes and dtypes are
// checked by kernels/<op>/op.py; a wrong dtype here is our own mistake and raises TypeError.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "core/cpu_features.h"
#include "core/tensor_view.h"

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

PYBIND11_MODULE(_C, m) {
    m.doc() = "pdengine's C++ core";
    m.def("has_avx2_fma", &pd::has_avx2_fma);
}
