// The encoder's U-Net for Python.  Its weights come as one list, in the order in which
// pdengine/distill/unet.py puts them: stem, end, the blocks of encoder and decoder, down, up, and
// the last norm.
#include "bindings.h"
#include "core/scratch.h"
#include "unet/unet.h"

// view or const_view, as T says, of what stands in a list.
template <int Rank, typename T>
static pd::TensorView<T, Rank> view_of(const py::handle& item) {
    using Exact = Array<std::remove_const_t<T>>;
    if (!py::isinstance<Exact>(item))
        throw py::type_error("an array of the wrong dtype or not contiguous");
    auto array = py::reinterpret_borrow<Exact>(item);
    if constexpr (std::is_const_v<T>)
        return const_view<Rank>(array);
    else
        return view<Rank>(array);
}

template <typename T>
static pd::UNetWeights<T> weights_of(const py::list& flat, std::size_t levels) {
    if (levels == 0 || flat.size() != 8 * levels + 1)
        throw py::type_error("wrong number of weights");
    std::size_t next = 0;
    const auto array = [&]() -> py::object { return flat[next++]; };
    const auto linear = [&]() -> pd::UNetLinear<T> {
        const auto weight = view_of<2, T>(array());
        return {weight, view_of<1, T>(array())};
    };
    const auto block = [&]() -> pd::UNetBlock<T> {
        const auto scale = view_of<1, T>(array()), shift = view_of<1, T>(array());
        return {scale, shift, view_of<3, T>(array())};
    };
    pd::UNetWeights<T> out;
    out.stem = linear();
    out.end = linear();
    for (std::size_t k = 0; k < levels; ++k) out.encoder.push_back(block());
    for (std::size_t k = 0; k + 1 < levels; ++k) out.decoder.push_back(block());
    for (std::size_t k = 0; k + 1 < levels; ++k) out.down.push_back(view_of<3, T>(array()));
    for (std::size_t k = 0; k + 1 < levels; ++k) out.up.push_back(view_of<3, T>(array()));
    out.scale = view_of<1, T>(array());
    out.shift = view_of<1, T>(array());
    return out;
}

// Pairs of arrays, forward and backward.
static std::vector<pd::UNetMap> maps_of(const py::list& pairs) {
    std::vector<pd::UNetMap> out;
    for (const auto& pair : pairs) {
        const auto sides = pair.cast<py::tuple>();
        out.push_back({view_of<2, const int32_t>(sides[0]), view_of<2, const int32_t>(sides[1])});
    }
    return out;
}

template <typename T>
static pd::UNetParams<T> params_of(const Array<T>& mean, const py::list& levels,
                                   const py::list& downs, const py::list& weights, double eps) {
    return {const_view<2>(mean), maps_of(levels), maps_of(downs),
            weights_of<const T>(weights, levels.size()), eps};
}

// Arrays of the shapes of others, side by side in one piece of memory.  Freed as forty pieces it
// went back to the system, and came back in 1,300 page faults a step, a quarter of a step's time.
// One piece is more than malloc gives back.
template <typename T>
static py::list side_by_side(const py::list& like) {
    std::vector<int64_t> begin{0};
    for (const auto& one : like)
        begin.push_back(begin.back() + pd::whole_lines<T>(one.cast<py::array>().size()));
    pd::Scratch<T> piece = pd::scratch<T>(begin.back());
    T* data = piece.get();
    const py::array owner = take<T>(std::move(piece), data, begin.back());
    py::list out;
    for (std::size_t k = 0; k < like.size(); ++k) {
        const auto one = like[k].cast<py::array>();
        const std::vector<py::ssize_t> shape(one.shape(), one.shape() + one.ndim());
        out.append(py::array_t<T>(shape, data + begin[k], owner));
    }
    return out;
}

template <typename T>
static void define_unet_floats(py::module_& m) {
    m.def(
        "unet",
        [](const Array<T>& mean, const py::list& levels, const py::list& downs,
           const py::list& weights, double eps, int threads) {
            const auto params = params_of(mean, levels, downs, weights, eps);
            const int64_t rows = params.mean.size[0], width = params.weights.end.weight.size[0];
            const int64_t count = pd::unet_tape(params);
            py::array_t<T> out({rows, width});
            pd::Scratch<T> tape = pd::scratch<T>(count);
            const pd::TensorView<T, 1> kept{tape.get(), {count}};
            const pd::TensorView<T, 2> found{out.mutable_data(), {rows, width}};
            {
                py::gil_scoped_release release;
                pd::unet(params, kept, found, threads);
            }
            return py::make_tuple(out, take<T>(std::move(tape), kept.data, count));
        },
        exact, py::arg("levels"), py::arg("downs"), py::arg("weights"), py::arg("eps"),
        py::arg("threads"));
    m.def(
        "unet_gradient",
        [](const Array<T>& mean, const py::list& levels, const py::list& downs,
           const py::list& weights, double eps, const Array<T>& tape, const Array<T>& came,
           int threads) {
            const auto params = params_of(mean, levels, downs, weights, eps);
            const py::list out = side_by_side<T>(weights);
            const auto gradients = weights_of<T>(out, levels.size());
            const auto kept = const_view<1>(tape);
            const auto gradient = const_view<2>(came);
            {
                py::gil_scoped_release release;
                pd::unet_gradient(params, kept, gradient, gradients, threads);
            }
            return out;
        },
        exact, py::arg("levels"), py::arg("downs"), py::arg("weights"), py::arg("eps"), exact,
        exact, py::arg("threads"));
}

void define_unet(py::module_& m) {
    define_unet_floats<float>(m);
    define_unet_floats<double>(m);
}
