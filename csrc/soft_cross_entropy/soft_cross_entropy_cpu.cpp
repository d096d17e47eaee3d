#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/always_inline.h"
#include "core/check_size.h"
#include "core/cpu_features.h"
#include "core/parallel.h"
#include "soft_cross_entropy/soft_cross_entropy.h"

namespace pdengine {
namespace {

constexpr int kLanes = 16;        // rows worked on together: two AVX2 registers of floats
constexpr int64_t kBlock = 1024;  // rows of one partial sum, whatever the number of threads

// The same body, compiled for AVX2 and for any processor, in lanes of plain loops: no fused
// multiply-add, so that both round alike and give the same bits.

PDENGINE_INLINE float from_bits(int32_t bits) {
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

PDENGINE_INLINE int32_t to_bits(float x) {
    int32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

// The least argument of exp_lane; its answer is 0.
constexpr float kLeast = -88.0f;

// exp(x) for kLeast <= x <= 0, NaN stays NaN.  x = n ln 2 + r with |r| <= ln(2) / 2, a polynomial
// in r (Cephes expf), times 2^n made of its exponent bits, which at n = -127 are those of 0.
PDENGINE_INLINE float exp_lane(float x) {
    constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it leaves the integer in the bits
    constexpr int32_t kRoundBits = 0x4b400000;
    const float shifted = x * 1.44269504088896341f + kRound;
    const float n = shifted - kRound;
    const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = (p * (r * r) + r) + 1.0f;
    const uint32_t exponent = static_cast<uint32_t>(to_bits(shifted) - kRoundBits + 127) << 23;
    return p * from_bits(static_cast<int32_t>(exponent));
}

// exp in place of `lanes` numbers <= 0.  The clamp is a loop of its own: in one loop the compiler
// makes it a branch, and then no loop of vectors.
PDENGINE_INLINE void exp_lanes(float* x, int64_t lanes) {
    for (int64_t i = 0; i < lanes; ++i) x[i] = x[i] < kLeast ? kLeast : x[i];
    for (int64_t i = 0; i < lanes; ++i) x[i] = exp_lane(x[i]);
}

PDENGINE_INLINE void exp_lanes(double* x, int64_t lanes) {
    for (int64_t i = 0; i < lanes; ++i) x[i] = std::exp(x[i]);
}

// log(x) for finite x >= 1, NaN stays NaN by x - x (Cephes logf).
PDENGINE_INLINE float log_lane(float x) {
    const int32_t shifted = to_bits(x) - 0x3f3504f3;  // sqrt(1/2): the mantissa is in [.707, 1.414)
    const float e = static_cast<float>(shifted >> 23);
    const float f = from_bits((shifted & 0x007fffff) + 0x3f3504f3) - 1.0f;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    const float square = f * f;
    const float y = ((p * f) * square + e * -2.12194440e-4f) - 0.5f * square;
    return ((f + y) + e * 0.693359375f) + (x - x);
}

PDENGINE_INLINE double log_lane(double x) {
    return std::log(x);
}

// `rows` by `columns` numbers, row after row at `from`, turned to columns at `to`.
template <typename T>
PDENGINE_INLINE void transpose(const T* from, int64_t from_row, int64_t rows, int64_t columns,
                               T* to, int64_t to_row) {
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t c = 0; c < columns; ++c) to[c * to_row + i] = from[i * from_row + c];
}

#if defined(__x86_64__)
// Four by four in registers.  The last four overlap the ones before: both write the same.
PDENGINE_INLINE void transpose(const float* from, int64_t from_row, int64_t rows, int64_t columns,
                               float* to, int64_t to_row) {
    if (rows < 4 || columns < 4) return transpose<float>(from, from_row, rows, columns, to, to_row);
    for (int64_t row = 0; row < rows; row += 4)
        for (int64_t column = 0; column < columns; column += 4) {
            const int64_t i = std::min(row, rows - 4), c = std::min(column, columns - 4);
            const float* source = from + i * from_row + c;
            __m128 a = _mm_loadu_ps(source), b = _mm_loadu_ps(source + from_row);
            __m128 d = _mm_loadu_ps(source + 2 * from_row), e = _mm_loadu_ps(source + 3 * from_row);
            _MM_TRANSPOSE4_PS(a, b, d, e);
            float* target = to + c * to_row + i;
            _mm_storeu_ps(target, a);
            _mm_storeu_ps(target + to_row, b);
            _mm_storeu_ps(target + 2 * to_row, d);
            _mm_storeu_ps(target + 3 * to_row, e);
        }
}
#endif

// Work memory of one group of kLanes rows, part by part: [R][kLanes].
template <typename T>
struct Lanes {
    explicit Lanes(int64_t parts)
        : shift(parts * kLanes), exponential(parts * kLanes), target(parts * kLanes) {}
    std::vector<T> shift, exponential, target;
};

// Rows [begin, end) of at most kLanes; returns the sum of their losses.
template <typename T>
PDENGINE_INLINE double group(const SoftCrossEntropyParams<T>& params, int64_t begin, int64_t end,
                             T scale, Lanes<T>& lanes) {
    const int64_t parts = params.logits.size[1];
    const int64_t rows = end - begin;
    constexpr T kInf = std::numeric_limits<T>::infinity();
    T* __restrict shift = lanes.shift.data();
    T* __restrict exponential = lanes.exponential.data();
    T* __restrict target = lanes.target.data();
    if (rows < kLanes) {  // a row of zeros costs nothing
        std::fill(lanes.shift.begin(), lanes.shift.end(), T(0));
        std::fill(lanes.target.begin(), lanes.target.end(), T(0));
    }
    transpose(params.logits.row(begin), parts, rows, parts, shift, kLanes);
    transpose(params.targets.row(begin), parts, rows, parts, target, kLanes);

    T largest[kLanes], sum[kLanes], asked[kLanes], norm[kLanes], loss[kLanes], ratio[kLanes];
    for (int l = 0; l < kLanes; ++l) largest[l] = shift[l];
    for (int64_t c = 1; c < parts; ++c)
        for (int l = 0; l < kLanes; ++l)
            largest[l] = shift[c * kLanes + l] > largest[l] ? shift[c * kLanes + l] : largest[l];
    for (int l = 0; l < kLanes; ++l) sum[l] = asked[l] = loss[l] = 0;
    for (int64_t c = 0; c < parts; ++c)
        for (int l = 0; l < kLanes; ++l)
            exponential[c * kLanes + l] = shift[c * kLanes + l] -= largest[l];
    exp_lanes(exponential, parts * kLanes);
    for (int64_t c = 0; c < parts; ++c)
        for (int l = 0; l < kLanes; ++l) {
            sum[l] += exponential[c * kLanes + l];
            asked[l] += target[c * kLanes + l];
        }
    for (int l = 0; l < kLanes; ++l) norm[l] = log_lane(sum[l]);
    for (int l = 0; l < kLanes; ++l) ratio[l] = asked[l] / sum[l];
    for (int64_t c = 0; c < parts; ++c)
        for (int l = 0; l < kLanes; ++l) {
            const int64_t at = c * kLanes + l;
            const T t = target[at];
            const T picked = (t == 0) & (shift[at] == -kInf) ? T(0) : shift[at];
            loss[l] += t * (norm[l] - picked);
            exponential[at] = (exponential[at] * ratio[l] - t) * scale;
        }

    transpose(exponential, kLanes, parts, rows, params.gradient.row(begin), parts);
    double total = 0;
    for (int l = 0; l < kLanes; ++l) total += static_cast<double>(loss[l]);
    return total;
}

template <typename T>
PDENGINE_INLINE double block(const SoftCrossEntropyParams<T>& params, int64_t begin, int64_t end,
                             Lanes<T>& lanes) {
    const T scale = T(1) / static_cast<T>(params.logits.size[0]);
    double total = 0;
    for (int64_t n = begin; n < end; n += kLanes)
        total += group(params, n, std::min<int64_t>(n + kLanes, end), scale, lanes);
    return total;
}

template <typename T>
double block_portable(const SoftCrossEntropyParams<T>& params, int64_t begin, int64_t end,
                      Lanes<T>& lanes) {
    return block(params, begin, end, lanes);
}

#if defined(__x86_64__)
template <typename T>
__attribute__((target("avx2,fma"))) double block_avx2(const SoftCrossEntropyParams<T>& params,
                                                      int64_t begin, int64_t end, Lanes<T>& lanes) {
    return block(params, begin, end, lanes);
}
#endif

template <typename T>
void check_sizes(const SoftCrossEntropyParams<T>& p) {
    const SizeCheck check("soft_cross_entropy");
    const Side N(p.logits.size[0], "N"), R(p.logits.size[1], "R");
    check("logits", p.logits, {N, R});
    check("targets", p.targets, {N, R});
    check("gradient", p.gradient, {N, R});
    if (N.size > 0) check.range("R, the columns of logits,", R.size, 1, INT32_MAX);
}

}  // namespace

template <typename T>
double soft_cross_entropy(const SoftCrossEntropyParams<T>& params, int threads) {
    check_sizes(params);
    const int64_t rows = params.logits.size[0], parts = params.logits.size[1];
    if (rows == 0) return 0;  // no point, no loss
    auto run = &block_portable<T>;
#if defined(__x86_64__)
    if (has_avx2_fma()) run = &block_avx2<T>;
#endif
    const int64_t blocks = (rows + kBlock - 1) / kBlock;
    std::vector<double> sums(blocks);
    const auto range = [&](int64_t begin, int64_t end) {
        Lanes<T> lanes(parts);
        for (int64_t b = begin; b < end; ++b)
            sums[b] = run(params, b * kBlock, std::min<int64_t>((b + 1) * kBlock, rows), lanes);
    };
    parallel_for(blocks, threads_for(2 * rows * parts, threads), range, kManyShares);
    double total = 0;
    for (double sum : sums) total += sum;
    return total / static_cast<double>(rows);
}

template double soft_cross_entropy(const SoftCrossEntropyParams<float>&, int);
template double soft_cross_entropy(const SoftCrossEntropyParams<double>&, int);

}  // namespace pdengine
