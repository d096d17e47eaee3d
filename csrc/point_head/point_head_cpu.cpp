#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "core/always_inline.h"
#include "core/cpu_features.h"
#include "core/parallel.h"
#include "point_head/point_head.h"
#include "sparse_conv/tiles.h"

namespace pdengine {
namespace {

constexpr int64_t kBlock = 64;       // points worked on together: their rows stay in L1
constexpr int64_t kShortest = 1024;  // points of one partial sum, at least
constexpr int64_t kMostSums = 64;    // partial sums, about: each holds a gradient of the weights
constexpr int64_t kLanes = 16;

template <typename T>
struct Vectors {
    typedef T Sixteen __attribute__((vector_size(kLanes * sizeof(T))));
};
template <typename T>
using Sixteen = typename Vectors<T>::Sixteen;

template <typename T>
PDENGINE_INLINE Sixteen<T> load(const T* from) {
    Sixteen<T> x;
    std::memcpy(&x, from, sizeof x);
    return x;
}

template <typename T>
PDENGINE_INLINE T sum(const Sixteen<T>& x) {
    T lane[kLanes];
    std::memcpy(lane, &x, sizeof x);
    for (int64_t half = kLanes / 2; half > 0; half /= 2)
        for (int64_t l = 0; l < half; ++l) lane[l] += lane[l + half];
    return lane[0];
}

// out[r] = bias[r] + head[r] . row for Count rows of the head.
template <int Count, typename T>
PDENGINE_INLINE void dots(const T* row, const T* head, const T* bias, int64_t width, T* out) {
    Sixteen<T> total[Count] = {};
    int64_t e = 0;
    for (; e + kLanes <= width; e += kLanes) {
        const Sixteen<T> x = load(row + e);
        for (int r = 0; r < Count; ++r) total[r] += x * load(head + r * width + e);
    }
    for (int r = 0; r < Count; ++r) {
        T rest = bias[r];
        for (int64_t c = e; c < width; ++c) rest += row[c] * head[r * width + c];
        out[r] = rest + sum<T>(total[r]);
    }
}

// What is positive of `count` numbers; NaN stays.
template <typename T>
PDENGINE_INLINE void rectify(T* x, int64_t count) {
    for (int64_t i = 0; i < count; ++i) x[i] = x[i] < 0 ? T(0) : x[i];
}

template <typename T>
PDENGINE_INLINE void logits_of(T* rows, int64_t count, const PointHeadParams<T>& params,
                               const T* bias, T* logits) {
    const int64_t parts = params.head.size[0], width = params.head.size[1];
    rectify(rows, count * width);
    for (int64_t n = 0; n < count; ++n, rows += width, logits += parts) {
        int64_t r = 0;
        for (; r + 4 <= parts; r += 4)
            dots<4>(rows, params.head.row(r), bias + r, width, logits + r);
        for (; r < parts; ++r) dots<1>(rows, params.head.row(r), bias + r, width, logits + r);
    }
}

// Rows of embeddings become rows of their gradients.
template <typename T>
PDENGINE_INLINE void turn_back(T* rows, int64_t count, const PointHeadParams<T>& params,
                               const T* came, T* line) {
    const int64_t parts = params.head.size[0], width = params.head.size[1];
    for (int64_t n = 0; n < count; ++n, rows += width, came += parts) {
        for (int64_t e = 0; e < width; ++e) line[e] = came[0] * params.head.data[e];
        for (int64_t r = 1; r < parts; ++r) {
            const T* head = params.head.row(r);
            for (int64_t e = 0; e < width; ++e) line[e] += came[r] * head[e];
        }
        for (int64_t e = 0; e < width; ++e) rows[e] = rows[e] <= 0 ? T(0) : line[e];
    }
}

// The loops over rows, compiled for any processor and for the wider ones.
template <typename T>
struct Loops {
    void (*logits)(T*, int64_t, const PointHeadParams<T>&, const T*, T*);
    void (*rectify)(T*, int64_t);
    void (*back)(T*, int64_t, const PointHeadParams<T>&, const T*, T*);
};

#define PDENGINE_LOOPS(NAME, TARGET)                                                    \
    template <typename T>                                                               \
    TARGET void logits_##NAME(T* rows, int64_t count, const PointHeadParams<T>& params, \
                              const T* bias, T* logits) {                               \
        logits_of(rows, count, params, bias, logits);                                   \
    }                                                                                   \
    template <typename T>                                                               \
    TARGET void rectify_##NAME(T* x, int64_t count) {                                   \
        rectify(x, count);                                                              \
    }                                                                                   \
    template <typename T>                                                               \
    TARGET void back_##NAME(T* rows, int64_t count, const PointHeadParams<T>& params,   \
                            const T* came, T* line) {                                   \
        turn_back(rows, count, params, came, line);                                     \
    }

PDENGINE_LOOPS(portable, )
#if defined(__x86_64__)
PDENGINE_LOOPS(avx2, __attribute__((target("avx2,fma"))))
PDENGINE_LOOPS(avx512, __attribute__((target("avx512f"))))
#endif

template <typename T>
Loops<T> best_loops() {
#if defined(__x86_64__)
    if (has_avx512()) return {logits_avx512<T>, rectify_avx512<T>, back_avx512<T>};
    if (has_avx2_fma()) return {logits_avx2<T>, rectify_avx2<T>, back_avx2<T>};
#endif
    return {logits_portable<T>, rectify_portable<T>, back_portable<T>};
}

// The embeddings of a block of points, before they are rectified.
template <typename T>
class Embeddings {
  public:
    // turned is the weight transposed, [D, E].
    Embeddings(const PointHeadParams<T>& params, const T* turned)
        : rows(new T[kBlock * params.voxel.size[1]]),
          params_(params),
          turned_(turned),
          tiles_(best_tiles<T>()) {}

    // The points [begin, end), at most kBlock, of which the first lies in the voxel or behind it.
    void run(int64_t begin, int64_t end, int64_t& voxel) {
        const int64_t width = params_.voxel.size[1], inputs = params_.features.size[1];
        for (int64_t n = begin; n < end; ++n) {
            while (params_.offsets.data[voxel + 1] <= n) ++voxel;
            T* row = rows.get() + (n - begin) * width;
            std::copy_n(params_.voxel.row(voxel), width, row);
            pairs_[n - begin] = {params_.features.row(n), row};
        }
        for (int64_t first = 0; first < width; first += tiles_.columns) {
            const auto columns = static_cast<int>(std::min<int64_t>(tiles_.columns, width - first));
            for (int64_t p = 0; p < end - begin; p += tiles_.rows)
                tiles_.multiply(static_cast<int>(std::min<int64_t>(tiles_.rows, end - begin - p)),
                                pairs_ + p, inputs, {turned_ + first, width}, first, columns);
        }
    }

    std::unique_ptr<T[]> rows;  // [kBlock][E]

  private:
    const PointHeadParams<T>& params_;
    const T* turned_;
    const Tiles<T> tiles_;
    Pair<T> pairs_[kBlock];
};

template <typename T>
std::vector<T> transposed(const TensorView<const T, 2>& matrix) {
    std::vector<T> out(matrix.count());
    best_tiles<T>().transpose(matrix.data, matrix.size[0], matrix.size[1], out.data());
    return out;
}

// The voxel of point n: the last one that begins at n or before and is not empty.
template <typename T>
int64_t voxel_of(const PointHeadParams<T>& params, int64_t n) {
    const int64_t* offsets = params.offsets.data;
    return std::upper_bound(offsets, offsets + params.offsets.size[0], n) - offsets - 1;
}

// About 64 multiply-adds a nanosecond.
template <typename T>
int64_t work_of(const PointHeadParams<T>& params) {
    const int64_t inputs = params.features.size[1] + params.head.size[0];
    return params.features.size[0] * params.voxel.size[1] * inputs / 64;
}

// The gradients of the points of whole voxels; those of weight, head and bias are added to sums.
template <typename T>
class Gradients {
  public:
    Gradients(const PointHeadParams<T>& params, const T* turned, const TensorView<const T, 2>& came,
              const TensorView<T, 2>& voxel)
        : params_(params),
          came_(came),
          voxel_(voxel),
          embeddings_(params, turned),
          line_(new T[params.voxel.size[1]]),
          tiles_(best_tiles<T>()),
          loops_(best_loops<T>()) {}

    // sums: [E, D], [R, E] and [R], one after the other, zeros.
    void run(int64_t first, int64_t last, T* sums) {
        const int64_t width = params_.voxel.size[1], parts = params_.head.size[0];
        std::fill(voxel_.row(first), voxel_.row(last), T(0));
        const int64_t end = params_.offsets.data[last];
        int64_t voxel = first;
        for (int64_t n = params_.offsets.data[first]; n < end; n += kBlock) {
            const int64_t count = std::min(kBlock, end - n);
            const int64_t begun = voxel;
            embeddings_.run(n, n + count, voxel);
            T* rows = embeddings_.rows.get();
            loops_.rectify(rows, count * width);
            T* head = sums + width * params_.features.size[1];
            const int64_t inputs = params_.features.size[1];
            for (int64_t p = 0; p < count; ++p) {
                heads_[p] = {came_.row(n + p), rows + p * width};
                weights_[p] = {rows + p * width, params_.features.row(n + p)};
            }
            outer(heads_, parts, width, count, head);
            for (int64_t r = 0; r < parts; ++r) {
                double total = 0;  // torch adds pairs, which errs less than one float after another
                for (int64_t p = 0; p < count; ++p) total += came_.row(n + p)[r];
                head[parts * width + r] += static_cast<T>(total);
            }
            loops_.back(rows, count, params_, came_.row(n), line_.get());
            add_to_voxels(n, count, begun);
            outer(weights_, width, inputs, count, sums);
        }
    }

  private:
    // sums[r][j] += sum over the pairs of in[r] * out[j], which are so long.
    void outer(const Pair<const T>* pairs, int64_t in, int64_t out, int64_t count, T* sums) {
        for (int64_t r = 0; r < in; r += tiles_.rows)
            for (int64_t j = 0; j < out; j += tiles_.columns)
                tiles_.outer(static_cast<int>(std::min<int64_t>(tiles_.rows, in - r)), pairs, r, j,
                             count, {sums + r * out + j, out},
                             static_cast<int>(std::min<int64_t>(tiles_.columns, out - j)), true);
    }

    void add_to_voxels(int64_t begin, int64_t count, int64_t voxel) {
        const int64_t width = params_.voxel.size[1];
        const T* row = embeddings_.rows.get();
        for (int64_t n = begin; n < begin + count; ++n, row += width) {
            while (params_.offsets.data[voxel + 1] <= n) ++voxel;
            T* total = voxel_.row(voxel);
            for (int64_t e = 0; e < width; ++e) total[e] += row[e];
        }
    }

    const PointHeadParams<T>& params_;
    const TensorView<const T, 2>& came_;
    const TensorView<T, 2>& voxel_;
    Embeddings<T> embeddings_;
    std::unique_ptr<T[]> line_;  // [E]
    const Tiles<T> tiles_;
    const Loops<T> loops_;
    Pair<const T> heads_[kBlock];    // of what came and an embedding
    Pair<const T> weights_[kBlock];  // of an embedding's gradient and features
};

}  // namespace

template <typename T>
void point_head(const PointHeadParams<T>& params, const TensorView<const T, 1>& bias,
                const TensorView<T, 2>& logits, int threads) {
    const std::vector<T> turned = transposed(params.weight);
    const Loops<T> loops = best_loops<T>();
    const auto body = [&](int64_t begin, int64_t end) {
        Embeddings<T> embeddings(params, turned.data());
        int64_t voxel = voxel_of(params, begin);
        for (int64_t n = begin; n < end; n += kBlock) {
            const int64_t count = std::min(kBlock, end - n);
            embeddings.run(n, n + count, voxel);
            loops.logits(embeddings.rows.get(), count, params, bias.data, logits.row(n));
        }
    };
    parallel_for(params.features.size[0], threads_for(work_of(params), threads), body);
}

template <typename T>
void point_head_gradient(const PointHeadParams<T>& params, const TensorView<const T, 2>& came,
                         const PointHeadGradients<T>& out, int threads) {
    const int64_t points = params.features.size[0], voxels = params.voxel.size[0];
    const std::vector<T> turned = transposed(params.weight);
    const int64_t weights = out.weight.count(), heads = out.head.count();
    const int64_t size = weights + heads + out.bias.count();

    // A partial sum is of the voxels that begin among so many points.  It depends on the points
    // alone, and so does the order in which the partial sums are added.
    const int64_t length = std::max(kShortest, points / kMostSums);
    const int64_t count = std::max<int64_t>((points + length - 1) / length, 1);
    const int64_t* offsets = params.offsets.data;
    const auto first_of = [&](int64_t sum) {
        if (sum == count) return voxels;
        return std::lower_bound(offsets, offsets + voxels, sum * length) - offsets;
    };
    std::vector<T> sums(count * size);
    const int threads_worth = threads_for(3 * work_of(params), threads);
    parallel_for(count, threads_worth, [&](int64_t begin, int64_t end) {
        Gradients<T> gradients(params, turned.data(), came, out.voxel);
        for (int64_t s = begin; s < end; ++s)
            gradients.run(first_of(s), first_of(s + 1), sums.data() + s * size);
    });
    for (int64_t s = 1; s < count; ++s)
        for (int64_t i = 0; i < size; ++i) sums[i] += sums[s * size + i];
    std::copy_n(sums.data(), weights, out.weight.data);
    std::copy_n(sums.data() + weights, heads, out.head.data);
    std::copy_n(sums.data() + weights + heads, out.bias.count(), out.bias.data);
}

template void point_head(const PointHeadParams<float>&, const TensorView<const float, 1>&,
                         const TensorView<float, 2>&, int);
template void point_head(const PointHeadParams<double>&, const TensorView<const double, 1>&,
                         const TensorView<double, 2>&, int);
template void point_head_gradient(const PointHeadParams<float>&, const TensorView<const float, 2>&,
                                  const PointHeadGradients<float>&, int);
template void point_head_gradient(const PointHeadParams<double>&,
                                  const TensorView<const double, 2>&,
                                  const PointHeadGradients<double>&, int);

}  // namespace pdengine
