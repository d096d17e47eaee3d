// What the files that know Python share: NumPy arrays in, TensorViews to the core.
// Shapes and dtypes are checked by kernels/<op>/op.py; a wrong dtype here is our own mistake and
// raises TypeError.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "core/rows.h"
#include "core/tensor_view.h"

namespace py = pybind11;
namespace pd = pdengine;

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

// An argument taken as it is: an array of another dtype is an error, never a silent copy.
inline const auto exact = py::arg().noconvert();

// A view of an array that the caller keeps alive for the whole call.
template <int Rank, typename T>
pd::TensorView<T, Rank> view(Array<T>& array) {
    if (array.ndim() != Rank) throw py::type_error("wrong number of dimensions");
    pd::TensorView<T, Rank> out{array.mutable_data(), {}};
    for (int d = 0; d < Rank; ++d) out.size[d] = array.shape(d);
    return out;
}

template <int Rank, typename T>
pd::TensorView<const T, Rank> const_view(const Array<T>& array) {
    if (array.ndim() != Rank) throw py::type_error("wrong number of dimensions");
    pd::TensorView<const T, Rank> out{array.data(), {}};
    for (int d = 0; d < Rank; ++d) out.size[d] = array.shape(d);
    return out;
}

// An array that takes over memory of the core.
template <typename T, typename Owner>
py::array_t<T> take(Owner owner, const T* data, int64_t count) {
    auto* kept = new Owner(std::move(owner));
    return py::array_t<T>(count, data,
                          py::capsule(kept, [](void* p) { delete static_cast<Owner*>(p); }));
}

inline py::array_t<int64_t> take(std::vector<int64_t> values) {
    const int64_t* data = values.data();
    const auto count = static_cast<int64_t>(values.size());
    return take<int64_t>(std::move(values), data, count);
}

inline py::tuple take(pd::Rows rows) {
    const int64_t* value = rows.value.get();
    const int64_t count = rows.offsets.back();
    return py::make_tuple(take(std::move(rows.offsets)),
                          take<int64_t>(std::move(rows.value), value, count));
}
