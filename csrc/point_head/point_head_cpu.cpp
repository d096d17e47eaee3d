#include <algorithm>
#include <vector>

#include "core/check_size.h"
#include "core/parallel.h"
#include "core/scratch.h"
#include "point_head/point_head.h"
#include "point_head/rows.h"
#include "sparse_conv/tiles.h"

namespace pdengine {
namespace {

constexpr int64_t kBlock = 64;       // points worked on together: their rows stay in L1
constexpr int64_t kShortest = 1024;  // points of one partial sum, at least
constexpr int64_t kMostSums = 64;    // partial sums, about: each holds a gradient of the weights

using rows::kLanes;

// The embeddings of a block of points, before they are rectified.
template <typename T>
class Embeddings {
  public:
    // turned is the weight transposed, [D, E].
    Embeddings(const PointHeadParams<T>& params, const T* turned)
        : rows(scratch<T>(kBlock * params.voxel.size[1])),
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
                                pairs_ + p, inputs, {turned_ + first, width}, first, columns,
                                {reinterpret_cast<const char*>(turned_), 0});
        }
    }

    Scratch<T> rows;  // [kBlock][E]

  private:
    const PointHeadParams<T>& params_;
    const T* turned_;
    const Tiles<T> tiles_;
    Pair<T> pairs_[kBlock];
};

template <typename T>
Scratch<T> transposed(const TensorView<const T, 2>& matrix) {
    Scratch<T> out = scratch<T>(matrix.count());
    best_tiles<T>().transpose(matrix.data, matrix.size[0], matrix.size[1], out.get());
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
          bias_(params.head.size[0]),
          line_(scratch<T>(params.voxel.size[1])),
          tiles_(best_tiles<T>()),
          loops_(rows::best<T>()) {}

    // sums: [D, E], [R, E] and [R], one after the other, zeros.
    void run(int64_t first, int64_t last, T* sums) {
        const int64_t width = params_.voxel.size[1], parts = params_.head.size[0];
        std::fill(voxel_.row(first), voxel_.row(last), T(0));
        const int64_t end = params_.offsets.data[last];
        int64_t voxel = first;
        for (int64_t n = params_.offsets.data[first]; n < end; n += kBlock) {
            const int64_t count = std::min(kBlock, end - n);
            const int64_t inputs = params_.features.size[1];
            for (int64_t p = 0, at = voxel; p < count; ++p) {
                while (params_.offsets.data[at + 1] <= n + p) ++at;
                totals_[p] = voxel_.row(at);
            }
            embeddings_.run(n, n + count, voxel);
            T* rows = embeddings_.rows.get();
            loops_.rectify(rows, count * width);
            T* head = sums + width * inputs;
            for (int64_t p = 0; p < count; ++p) {
                heads_[p] = {came_.row(n + p), rows + p * width};
                weights_[p] = {params_.features.row(n + p), rows + p * width};
            }
            outer(heads_, parts, width, count, head);
            add_bias(n, count, head + parts * width);
            loops_.back(rows, count, params_.head, came_.row(n), totals_, line_.get());
            outer(weights_, inputs, width, count, sums);
        }
    }

  private:
    // sums[r][j] += sum over the pairs of in[r] * out[j], which are so long.  The last tile is as
    // high as the others: one row alone would wait for its own sums.
    void outer(const Pair<const T>* pairs, int64_t in, int64_t out, int64_t count, T* sums) {
        const int64_t high = (in + tiles_.rows - 1) / tiles_.rows;
        for (int64_t tile = 0; tile < high; ++tile) {
            const int64_t r = in * tile / high, rows = in * (tile + 1) / high - r;
            for (int64_t j = 0; j < out; j += tiles_.columns)
                tiles_.outer(static_cast<int>(rows), pairs, r, j, count, {sums + r * out + j, out},
                             static_cast<int>(std::min<int64_t>(tiles_.columns, out - j)), true);
        }
    }

    // torch adds pairs, which errs less than one float after another.
    void add_bias(int64_t begin, int64_t count, T* sums) {
        const int64_t parts = params_.head.size[0];
        std::fill(bias_.begin(), bias_.end(), 0.0);
        const T* came = came_.row(begin);
        for (int64_t p = 0; p < count; ++p, came += parts)
            for (int64_t r = 0; r < parts; ++r) bias_[r] += came[r];
        for (int64_t r = 0; r < parts; ++r) sums[r] += static_cast<T>(bias_[r]);
    }

    const PointHeadParams<T>& params_;
    const TensorView<const T, 2>& came_;
    const TensorView<T, 2>& voxel_;
    Embeddings<T> embeddings_;
    std::vector<double> bias_;  // [R]
    Scratch<T> line_;           // [E]
    const Tiles<T> tiles_;
    const rows::Loops<T> loops_;
    Pair<const T> heads_[kBlock];    // of what came and an embedding
    Pair<const T> weights_[kBlock];  // of features and an embedding's gradient
    T* totals_[kBlock];              // of the points' voxels
};

struct Letters {
    template <typename T>
    explicit Letters(const PointHeadParams<T>& p)
        : M(p.voxel.size[0], "M"),
          E(p.voxel.size[1], "E"),
          N(p.features.size[0], "N"),
          D(p.features.size[1], "D"),
          R(p.head.size[0], "R") {}

    Side M, E, N, D, R;
};

// What goes in both ways.
template <typename T>
void check_sizes(const SizeCheck& check, const PointHeadParams<T>& p, const Letters& is) {
    check("voxel", p.voxel, {is.M, is.E});
    check("features", p.features, {is.N, is.D});
    check("weight", p.weight, {is.E, is.D});
    check("head", p.head, {is.R, is.E});
    check.offsets(p.offsets, {is.M.size + 1, "M + 1"}, is.N);
}

}  // namespace

template <typename T>
void point_head(const PointHeadParams<T>& params, const TensorView<const T, 1>& bias,
                const TensorView<T, 2>& logits, int threads) {
    const SizeCheck check("point_head");
    const Letters is(params);
    check_sizes(check, params, is);
    check("bias", bias, {is.R});
    check("logits", logits, {is.N, is.R});

    const Scratch<T> turned = transposed(params.weight);
    const rows::Loops<T> loops = rows::best<T>();
    const auto body = [&](int64_t begin, int64_t end) {
        Embeddings<T> embeddings(params, turned.get());
        int64_t voxel = voxel_of(params, begin);
        for (int64_t n = begin; n < end; n += kBlock) {
            const int64_t count = std::min(kBlock, end - n);
            embeddings.run(n, n + count, voxel);
            loops.logits(embeddings.rows.get(), count, params.head, bias.data, logits.row(n));
        }
    };
    parallel_for(params.features.size[0], threads_for(work_of(params), threads), body);
}

template <typename T>
void point_head_gradient(const PointHeadParams<T>& params, const TensorView<const T, 2>& came,
                         const PointHeadGradients<T>& out, int threads) {
    const SizeCheck check("point_head_gradient");
    const Letters is(params);
    check_sizes(check, params, is);
    check("came", came, {is.N, is.R});
    check("out.voxel", out.voxel, {is.M, is.E});
    check("out.weight", out.weight, {is.E, is.D});
    check("out.head", out.head, {is.R, is.E});
    check("out.bias", out.bias, {is.R});

    const int64_t points = params.features.size[0], voxels = params.voxel.size[0];
    const Scratch<T> turned = transposed(params.weight);
    const int64_t weights = out.weight.count(), heads = out.head.count();
    const int64_t size = (weights + heads + out.bias.count() + kLanes - 1) / kLanes * kLanes;

    // A partial sum is of the voxels that begin among so many points.  It depends on the points
    // alone, and so does the order in which the partial sums are added.
    const int64_t length = std::max(kShortest, points / kMostSums);
    const int64_t count = std::max<int64_t>((points + length - 1) / length, 1);
    const int64_t* offsets = params.offsets.data;
    const auto first_of = [&](int64_t sum) {
        if (sum == count) return voxels;
        return std::lower_bound(offsets, offsets + voxels, sum * length) - offsets;
    };
    const Scratch<T> sums = scratch<T>(count * size);
    std::fill_n(sums.get(), count * size, T(0));
    const int threads_worth = threads_for(3 * work_of(params), threads);
    parallel_for(count, threads_worth, [&](int64_t begin, int64_t end) {
        Gradients<T> gradients(params, turned.get(), came, out.voxel);
        for (int64_t s = begin; s < end; ++s)
            gradients.run(first_of(s), first_of(s + 1), sums.get() + s * size);
    });
    for (int64_t s = 1; s < count; ++s)
        for (int64_t i = 0; i < size; ++i) sums[i] += sums[s * size + i];
    best_tiles<T>().transpose(sums.get(), params.features.size[1], params.voxel.size[1],
                              out.weight.data);
    std::copy_n(sums.get() + weights, heads, out.head.data);
    std::copy_n(sums.get() + weights + heads, out.bias.count(), out.bias.data);
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
