#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/always_inline.h"
#include "core/check_size.h"
#include "core/cpu_features.h"
#include "core/parallel.h"
#include "norm_relu/norm_relu.h"

namespace pdengine {
namespace {

constexpr int64_t kLanes = 8;
constexpr int kTogether = 4;    // rows at once
constexpr int64_t kBlock = 64;  // rows of one partial sum, whatever the number of threads

// The same body, compiled for AVX2 and for any processor, in vectors of the compiler's: no fused
// multiply-add, so that both round alike and give the same bits.
template <typename T>
struct Vectors {
    typedef T Eight __attribute__((vector_size(8 * sizeof(T))));
    typedef T Four __attribute__((vector_size(4 * sizeof(T))));
};
template <typename T>
using Eight = typename Vectors<T>::Eight;

// The channels of a row from c on; lanes beyond the last one are 0.  Even: there are none.
template <bool Even, typename T>
PDENGINE_INLINE Eight<T> load(const T* row, int64_t c, int64_t channels) {
    Eight<T> x{};
    if (Even || c + kLanes <= channels)
        std::memcpy(&x, row + c, sizeof x);
    else
        for (int64_t l = 0; l < channels - c; ++l) x[l] = row[c + l];
    return x;
}

template <bool Even, typename T>
PDENGINE_INLINE void store(T* row, int64_t c, int64_t channels, const Eight<T>& x) {
    if (Even || c + kLanes <= channels)
        std::memcpy(row + c, &x, sizeof x);
    else
        for (int64_t l = 0; l < channels - c; ++l) row[c + l] = x[l];
}

template <typename T>
PDENGINE_INLINE T sum(const Eight<T>& x) {
    typename Vectors<T>::Four half[2];
    std::memcpy(half, &x, sizeof half);
    half[0] += half[1];
    return (half[0][0] + half[0][2]) + (half[0][1] + half[0][3]);
}

// Rows about their means, in units of their deviations.  Several at once: each is a chain of sums
// that wait for each other, and of two roots and quotients.
template <bool Even, int Rows, typename T>
class Normed {
  public:
    PDENGINE_INLINE Normed(const T* first, int64_t channels, T eps)
        : first_(first), channels_(channels) {
        const T count = static_cast<T>(channels);
        Eight<T> total[Rows]{};
        for (int64_t c = 0; c < channels; c += kLanes)
            for (int r = 0; r < Rows; ++r) total[r] += load<Even>(row(r), c, channels);
        for (int r = 0; r < Rows; ++r) mean_[r] = sum<T>(total[r]) / count;
        Eight<T> squares[Rows]{};
        for (int64_t c = 0; c < channels; c += kLanes)
            for (int r = 0; r < Rows; ++r) {
                const Eight<T> x = centred(r, c);
                squares[r] += x * x;
            }
        for (int r = 0; r < Rows; ++r)
            scale[r] = T(1) / std::sqrt(sum<T>(squares[r]) / count + eps);
    }

    PDENGINE_INLINE Eight<T> operator()(int r, int64_t c) const { return centred(r, c) * scale[r]; }

    T scale[Rows];  // 1 / deviation

  private:
    PDENGINE_INLINE const T* row(int r) const { return first_ + r * channels_; }
    PDENGINE_INLINE Eight<T> centred(int r, int64_t c) const {
        Eight<T> x = load<Even>(row(r), c, channels_) - mean_[r];
        if (!Even && c + kLanes > channels_)
            for (int64_t l = channels_ - c; l < kLanes; ++l) x[l] = 0;
        return x;
    }

    const T* first_;
    int64_t channels_;
    T mean_[Rows];
};

template <bool Even, int Rows, typename T>
PDENGINE_INLINE void forward(const NormReluParams<T>& params, int64_t m) {
    const int64_t channels = params.features.size[1];
    const Normed<Even, Rows, T> normed(params.features.row(m), channels,
                                       static_cast<T>(params.eps));
    for (int64_t c = 0; c < channels; c += kLanes) {
        const Eight<T> weight = load<Even>(params.weight.data, c, channels);
        const Eight<T> bias = load<Even>(params.bias.data, c, channels);
        for (int r = 0; r < Rows; ++r) {
            const Eight<T> y = normed(r, c) * weight + bias;
            store<Even, T>(params.out.row(m + r), c, channels,
                           y < 0 ? Eight<T>{} : y);  // NaN stays
        }
    }
}

template <bool Even, typename T>
PDENGINE_INLINE void forward(const NormReluParams<T>& params, int64_t begin, int64_t end) {
    int64_t m = begin;
    for (; m + kTogether <= end; m += kTogether) forward<Even, kTogether>(params, m);
    for (; m < end; ++m) forward<Even, 1>(params, m);
}

// Rows from m on; what they give weight and bias is added to sums, [2][C].
template <bool Even, int Rows, typename T>
PDENGINE_INLINE void backward(const NormReluGradientParams<T>& params, int64_t m, T* sums) {
    const int64_t channels = params.features.size[1];
    const Normed<Even, Rows, T> normed(params.features.row(m), channels,
                                       static_cast<T>(params.eps));
    Eight<T> total[Rows]{}, along[Rows]{};  // of the gradient, and of its part along the row
    for (int64_t c = 0; c < channels; c += kLanes) {
        const Eight<T> w = load<Even>(params.weight.data, c, channels);
        const Eight<T> b = load<Even>(params.bias.data, c, channels);
        Eight<T> d_weight = load<Even>(sums, c, channels);
        Eight<T> d_bias = load<Even>(sums + channels, c, channels);
        for (int r = 0; r < Rows; ++r) {
            const Eight<T> x = normed(r, c);
            const Eight<T> y = x * w + b;
            const Eight<T> came = load<Even>(params.gradient.row(m + r), c, channels);
            const Eight<T> passed = y <= 0 ? Eight<T>{} : came;
            d_weight += passed * x;
            d_bias += passed;
            const Eight<T> at = passed * w;
            store<Even, T>(params.d_features.row(m + r), c, channels, at);
            total[r] += at;
            along[r] += at * x;
        }
        store<Even, T>(sums, c, channels, d_weight);
        store<Even, T>(sums + channels, c, channels, d_bias);
    }
    const T count = static_cast<T>(channels);
    T level[Rows], slope[Rows];
    for (int r = 0; r < Rows; ++r) {
        level[r] = sum<T>(total[r]) / count;
        slope[r] = sum<T>(along[r]) / count;
    }
    for (int64_t c = 0; c < channels; c += kLanes)
        for (int r = 0; r < Rows; ++r) {
            T* out = params.d_features.row(m + r);
            const Eight<T> at = load<Even>(out, c, channels);
            store<Even, T>(out, c, channels,
                           ((at - level[r]) - normed(r, c) * slope[r]) * normed.scale[r]);
        }
}

template <bool Even, typename T>
PDENGINE_INLINE void backward(const NormReluGradientParams<T>& params, int64_t begin, int64_t end,
                              T* sums) {
    int64_t m = begin;
    for (; m + kTogether <= end; m += kTogether) backward<Even, kTogether>(params, m, sums);
    for (; m < end; ++m) backward<Even, 1>(params, m, sums);
}

template <typename T>
void forward_portable(const NormReluParams<T>& params, int64_t begin, int64_t end) {
    if (params.features.size[1] % kLanes == 0)
        forward<true>(params, begin, end);
    else
        forward<false>(params, begin, end);
}

template <typename T>
void backward_portable(const NormReluGradientParams<T>& params, int64_t begin, int64_t end,
                       T* sums) {
    if (params.features.size[1] % kLanes == 0)
        backward<true>(params, begin, end, sums);
    else
        backward<false>(params, begin, end, sums);
}

#if defined(__x86_64__)
template <typename T>
__attribute__((target("avx2,fma"))) void forward_avx2(const NormReluParams<T>& params,
                                                      int64_t begin, int64_t end) {
    if (params.features.size[1] % kLanes == 0)
        forward<true>(params, begin, end);
    else
        forward<false>(params, begin, end);
}

template <typename T>
__attribute__((target("avx2,fma"))) void backward_avx2(const NormReluGradientParams<T>& params,
                                                       int64_t begin, int64_t end, T* sums) {
    if (params.features.size[1] % kLanes == 0)
        backward<true>(params, begin, end, sums);
    else
        backward<false>(params, begin, end, sums);
}
#endif

// What goes in both ways.
template <typename Params>
void check_sizes(const SizeCheck& check, const Params& p, const Side& M, const Side& C) {
    check("features", p.features, {M, C});
    check("weight", p.weight, {C});
    check("bias", p.bias, {C});
}

}  // namespace

template <typename T>
void norm_relu(const NormReluParams<T>& params, int threads) {
    const SizeCheck check("norm_relu");
    const Side M(params.features.size[0], "M"), C(params.features.size[1], "C");
    check_sizes(check, params, M, C);
    check("out", params.out, {M, C});

    auto run = &forward_portable<T>;
#if defined(__x86_64__)
    if (has_avx2_fma()) run = &forward_avx2<T>;
#endif
    parallel_for(params.features.size[0], threads_for(params.features.count(), threads),
                 [&](int64_t begin, int64_t end) { run(params, begin, end); });
}

template <typename T>
void norm_relu_gradient(const NormReluGradientParams<T>& params, int threads) {
    const SizeCheck check("norm_relu_gradient");
    const Side M(params.features.size[0], "M"), C(params.features.size[1], "C");
    check_sizes(check, params, M, C);
    check("gradient", params.gradient, {M, C});
    check("d_features", params.d_features, {M, C});
    check("d_weight", params.d_weight, {C});
    check("d_bias", params.d_bias, {C});

    const int64_t rows = params.features.size[0], channels = params.features.size[1];
    auto run = &backward_portable<T>;
#if defined(__x86_64__)
    if (has_avx2_fma()) run = &backward_avx2<T>;
#endif
    const int64_t blocks = (rows + kBlock - 1) / kBlock;
    std::vector<T> sums(blocks * 2 * channels);
    parallel_for(blocks, threads_for(2 * params.features.count(), threads),
                 [&](int64_t begin, int64_t end) {
                     for (int64_t b = begin; b < end; ++b)
                         run(params, b * kBlock, std::min((b + 1) * kBlock, rows),
                             sums.data() + b * 2 * channels);
                 });
    for (int64_t c = 0; c < channels; ++c) {
        double d_weight = 0, d_bias = 0;
        for (int64_t b = 0; b < blocks; ++b) {
            d_weight += sums[2 * b * channels + c];
            d_bias += sums[(2 * b + 1) * channels + c];
        }
        params.d_weight.data[c] = static_cast<T>(d_weight);
        params.d_bias.data[c] = static_cast<T>(d_bias);
    }
}

template void norm_relu(const NormReluParams<float>&, int);
template void norm_relu(const NormReluParams<double>&, int);
template void norm_relu_gradient(const NormReluGradientParams<float>&, int);
template void norm_relu_gradient(const NormReluGradientParams<double>&, int);

}  // namespace pdengine
