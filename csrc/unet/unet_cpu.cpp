#include <algorithm>
#include <numeric>

#include "core/aside.h"
#include "core/scratch.h"
#include "norm_relu/norm_relu.h"
#include "sparse_conv/sparse_conv.h"
#include "unet/check_sizes.h"
#include "unet/unet.h"

namespace pdengine {
namespace {

template <typename T>
using Matrix = TensorView<T, 2>;

template <typename T>
Matrix<const T> constant(const Matrix<T>& rows) {
    return {rows.data, rows.size};
}

// What one block reads and writes: x, relu(norm(x)) and x + conv(relu(norm(x))). [M, C] each.
template <typename T>
struct Trace {
    Matrix<T> in, normed, out;
};

// All activations of a pass, and how many values they are.
template <typename T>
struct Traces {
    std::vector<Trace<T>> encoder, decoder;
    Matrix<T> normed;  // by the last norm
    int64_t count = 0;

    Traces(const UNetParams<T>& params, T* data) {
        const auto& weights = params.weights;
        for (std::size_t level = 0; level < params.levels.size(); ++level)
            encoder.push_back(trace(params, level, data));
        for (std::size_t level = 0; level < weights.decoder.size(); ++level)
            decoder.push_back(trace(params, level, data));
        normed = rows(encoder[0].in.size, data);
    }

    // What the last norm reads.
    const Matrix<T>& last() const { return decoder.empty() ? encoder[0].out : decoder[0].out; }

    // What goes up to a level.
    const Matrix<T>& below(std::size_t level) const {
        return level + 1 < decoder.size() ? decoder[level + 1].out : encoder[level + 1].out;
    }

  private:
    Trace<T> trace(const UNetParams<T>& params, std::size_t level, T* data) {
        const std::array<int64_t, 2> size{params.levels[level].forward.size[1],
                                          params.weights.encoder[level].scale.size[0]};
        const Matrix<T> in = rows(size, data), normed = rows(size, data);
        return {in, normed, rows(size, data)};
    }

    // The next ones: they begin with a line of the cache.
    Matrix<T> rows(const std::array<int64_t, 2>& size, T* data) {
        const Matrix<T> out{data == nullptr ? nullptr : data + count, size};
        count += whole_lines<T>(out.count());
        return out;
    }
};

// A linear layer is a convolution of one tap, over a map that joins every row to itself.
class Itself {
  public:
    explicit Itself(int64_t rows) : rows_(rows) { std::iota(rows_.begin(), rows_.end(), 0); }

    TensorView<const int32_t, 2> map() const {
        return {rows_.data(), {1, static_cast<int64_t>(rows_.size())}};
    }

  private:
    std::vector<int32_t> rows_;
};

template <typename T>
TensorView<T, 3> one_tap(const Matrix<T>& matrix) {
    return {matrix.data, {1, matrix.size[0], matrix.size[1]}};
}

template <typename T>
class Forward {
  public:
    Forward(const UNetParams<T>& params, const Traces<T>& traces, int threads)
        : params_(params),
          weights_(params.weights),
          traces_(traces),
          itself_(params.mean.size[0]),
          threads_(threads) {}

    void run(const Matrix<T>& out) const {
        const std::size_t steps = weights_.down.size();
        linear(params_.mean, weights_.stem, traces_.encoder[0].in);
        for (std::size_t level = 0; level < steps; ++level) {
            const Matrix<T>& skip = traces_.encoder[level].out;
            block(traces_.encoder[level], weights_.encoder[level], level);
            convolve(skip, weights_.down[level], params_.downs[level].forward, false,
                     traces_.encoder[level + 1].in);
        }
        block(traces_.encoder[steps], weights_.encoder[steps], steps);
        for (std::size_t level = steps; level-- > 0;) {
            const Trace<T>& trace = traces_.decoder[level];
            std::copy_n(traces_.encoder[level].out.data, trace.in.count(), trace.in.data);
            convolve(traces_.below(level), weights_.up[level], params_.downs[level].backward, true,
                     trace.in);
            block(trace, weights_.decoder[level], level);
        }
        norm(traces_.last(), weights_.scale, weights_.shift, traces_.normed);
        linear(constant(traces_.normed), weights_.end, out);
    }

  private:
    void linear(const Matrix<const T>& in, const UNetLinear<const T>& layer,
                const Matrix<T>& out) const {
        sparse_conv<T>({in, one_tap(layer.weight), itself_.map(), layer.bias, true, false, out},
                       threads_);
    }

    void norm(const Matrix<T>& in, const TensorView<const T, 1>& scale,
              const TensorView<const T, 1>& shift, const Matrix<T>& out) const {
        norm_relu<T>({constant(in), scale, shift, params_.eps, out}, threads_);
    }

    void convolve(const Matrix<T>& in, const TensorView<const T, 3>& weight,
                  const TensorView<const int32_t, 2>& source, bool add,
                  const Matrix<T>& out) const {
        sparse_conv<T>({constant(in), weight, source, {nullptr, {0}}, false, add, out}, threads_);
    }

    void block(const Trace<T>& trace, const UNetBlock<const T>& block, std::size_t level) const {
        norm(trace.in, block.scale, block.shift, trace.normed);
        std::copy_n(trace.in.data, trace.in.count(), trace.out.data);
        convolve(trace.normed, block.weight, params_.levels[level].forward, true, trace.out);
    }

    const UNetParams<T>& params_;
    const UNetWeights<const T>& weights_;
    const Traces<T>& traces_;
    const Itself itself_;
    const int threads_;
};

// The way back.  Gradients of activations follow each other; those of weights hang on them and on
// the tape alone, so they are found aside.
template <typename T>
class Backward {
  public:
    // came: an array for the gradient of each activation in traces.
    Backward(const UNetParams<T>& params, const Traces<T>& traces, const Traces<T>& came,
             const UNetWeights<T>& out, int threads)
        : params_(params),
          weights_(params.weights),
          traces_(traces),
          came_(came),
          out_(out),
          itself_(params.mean.size[0]),
          threads_(threads) {}

    void run(const Matrix<const T>& came) {
        aside_.beside([&] { way(came); }, threads_);
    }

  private:
    // Beside another thread's work one less is free.
    int free() const { return std::max(threads_ - 1, 1); }

    void way(const Matrix<const T>& came) {
        const std::size_t steps = weights_.down.size();
        linear_weights(constant(traces_.normed), came, out_.end);
        convolve(came, one_tap(weights_.end.weight), itself_.map(), false, false, came_.normed);
        norm_back(traces_.last(), weights_.scale, weights_.shift, came_.normed, came_.last(),
                  out_.scale, out_.shift);
        for (std::size_t level = 0; level < steps; ++level) {
            block_back(weights_.decoder[level], out_.decoder[level], traces_.decoder[level],
                       came_.decoder[level], level);
            const Matrix<T>& added = came_.decoder[level].in;
            const UNetMap& map = params_.downs[level];
            weight(traces_.below(level), added, map.backward, out_.up[level]);
            convolve(constant(added), weights_.up[level], map.forward, true, false,
                     came_.below(level));
        }
        block_back(weights_.encoder[steps], out_.encoder[steps], traces_.encoder[steps],
                   came_.encoder[steps], steps);
        for (std::size_t level = steps; level-- > 0;) {
            const Matrix<T>&coarse = came_.encoder[level + 1].in, &skip = came_.encoder[level].out;
            const UNetMap& map = params_.downs[level];
            weight(traces_.encoder[level].out, coarse, map.forward, out_.down[level]);
            std::copy_n(came_.decoder[level].in.data, skip.count(), skip.data);
            convolve(constant(coarse), weights_.down[level], map.backward, true, true, skip);
            block_back(weights_.encoder[level], out_.encoder[level], traces_.encoder[level],
                       came_.encoder[level], level);
        }
        linear_weights(params_.mean, constant(came_.encoder[0].in), out_.stem);
    }

    void convolve(const Matrix<const T>& came, const TensorView<const T, 3>& weight,
                  const TensorView<const int32_t, 2>& source, bool transpose, bool add,
                  const Matrix<T>& out) const {
        sparse_conv<T>({came, weight, source, {nullptr, {0}}, transpose, add, out}, free());
    }

    void norm_back(const Matrix<T>& in, const TensorView<const T, 1>& scale,
                   const TensorView<const T, 1>& shift, const Matrix<T>& came, const Matrix<T>& out,
                   const TensorView<T, 1>& d_scale, const TensorView<T, 1>& d_shift) const {
        norm_relu_gradient<T>(
            {constant(in), scale, shift, constant(came), params_.eps, out, d_scale, d_shift},
            free());
    }

    void block_back(const UNetBlock<const T>& block, const UNetBlock<T>& found,
                    const Trace<T>& trace, const Trace<T>& came, std::size_t level) {
        const UNetMap& map = params_.levels[level];
        weight(trace.normed, came.out, map.forward, found.weight);
        convolve(constant(came.out), block.weight, map.backward, true, false, came.normed);
        norm_back(trace.in, block.scale, block.shift, came.normed, came.in, found.scale,
                  found.shift);
        for (int64_t i = 0; i < came.in.count(); ++i) came.in.data[i] += came.out.data[i];
    }

    // A few taps at a time, so that two threads end together.
    void weight(const Matrix<T>& in, const Matrix<T>& came,
                const TensorView<const int32_t, 2>& source, const TensorView<T, 3>& out) {
        const int64_t taps = out.size[0];
        const int64_t work = came.size[0] * taps * (out.size[1] * out.size[2] / 32 + 1);
        const int64_t shares = std::clamp<int64_t>(work / kShare, 1, taps);
        for (int64_t share = 0; share < shares; ++share) {
            const int64_t begin = taps * share / shares, end = taps * (share + 1) / shares;
            aside_.add([=, this_threads = free()] {
                sparse_conv_weight<T>({constant(in),
                                       constant(came),
                                       {source.row(begin), {end - begin, source.size[1]}},
                                       {out.row(begin), {end - begin, out.size[1], out.size[2]}},
                                       {nullptr, {0}}},
                                      this_threads);
            });
        }
    }

    void linear_weights(const Matrix<const T>& in, const Matrix<const T>& came,
                        const UNetLinear<T>& out) {
        aside_.add([=, this_threads = free(), map = itself_.map()] {
            const int64_t inputs = in.size[1], outputs = came.size[1];
            const Scratch<T> turned = scratch<T>(inputs * outputs);
            sparse_conv_weight<T>({in, came, map, {turned.get(), {1, inputs, outputs}}, out.bias},
                                  this_threads);
            for (int64_t o = 0; o < outputs; ++o)
                for (int64_t i = 0; i < inputs; ++i) out.weight.row(o)[i] = turned[i * outputs + o];
        });
    }

    static constexpr int64_t kShare = 500'000;  // nanoseconds, about

    const UNetParams<T>& params_;
    const UNetWeights<const T>& weights_;
    const Traces<T>&traces_, &came_;
    const UNetWeights<T>& out_;
    const Itself itself_;
    const int threads_;
    Aside aside_;
};

}  // namespace

template <typename T>
int64_t unet_tape(const UNetParams<T>& params) {
    check_params("unet_tape", params);
    return Traces<T>(params, nullptr).count;
}

template <typename T>
void unet(const UNetParams<T>& params, const TensorView<T, 1>& tape, const TensorView<T, 2>& out,
          int threads) {
    check_params("unet", params);
    const Traces<T> traces(params, tape.data);
    const SizeCheck check("unet");
    check("tape", tape, {{traces.count, "unet_tape"}});
    check("out", out, {{params.mean.size[0], "M"}, {params.weights.end.weight.size[0], "E"}});
    Forward<T>(params, traces, threads).run(out);
}

template <typename T>
void unet_gradient(const UNetParams<T>& params, const TensorView<const T, 1>& tape,
                   const TensorView<const T, 2>& came, const UNetWeights<T>& gradients,
                   int threads) {
    check_params("unet_gradient", params);
    // The tape is read alone; one kind of view serves what is written and what is read.
    const Traces<T> traces(params, const_cast<T*>(tape.data));
    const SizeCheck check("unet_gradient");
    check("tape", tape, {{traces.count, "unet_tape"}});
    check("came", came, {{params.mean.size[0], "M"}, {params.weights.end.weight.size[0], "E"}});
    check_weights(SizeCheck("unet_gradient", "gradients."), gradients, params);
    const Scratch<T> kept = scratch<T>(traces.count);
    const Traces<T> back(params, kept.get());
    Backward<T>(params, traces, back, gradients, threads).run(came);
}

template int64_t unet_tape(const UNetParams<float>&);
template int64_t unet_tape(const UNetParams<double>&);
template void unet(const UNetParams<float>&, const TensorView<float, 1>&,
                   const TensorView<float, 2>&, int);
template void unet(const UNetParams<double>&, const TensorView<double, 1>&,
                   const TensorView<double, 2>&, int);
template void unet_gradient(const UNetParams<float>&, const TensorView<const float, 1>&,
                            const TensorView<const float, 2>&, const UNetWeights<float>&, int);
template void unet_gradient(const UNetParams<double>&, const TensorView<const double, 1>&,
                            const TensorView<const double, 2>&, const UNetWeights<double>&, int);

}  // namespace pdengine
