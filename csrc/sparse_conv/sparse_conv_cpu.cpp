#include <algorithm>
#include <atomic>
#include <vector>

#include "core/parallel.h"
#include "sparse_conv/sparse_conv.h"
#include "sparse_conv/tiles.h"

namespace pdengine {
namespace {

constexpr int64_t kBlock = 512;  // output rows whose pairs are listed at a time: they stay in L2
constexpr int64_t kChunk = 128;  // pairs of a weight gradient that are packed at a time: L1

int64_t panels_of(int64_t columns) {
    return (columns + kColumns - 1) / kColumns;
}

// The weights as the tiles read them: [T][panel][Cin][kColumns], zero beyond Cout.
template <typename T>
std::vector<T> pack(const SparseConvParams<T>& params, int64_t inputs, int64_t outputs) {
    const int64_t taps = params.weight.size[0], panels = panels_of(outputs);
    std::vector<T> packed(taps * panels * inputs * kColumns, T(0));
    for (int64_t t = 0; t < taps; ++t)
        for (int64_t o = 0; o < outputs; ++o) {
            T* panel = packed.data() + ((t * panels + o / kColumns) * inputs) * kColumns;
            for (int64_t c = 0; c < inputs; ++c)
                panel[c * kColumns + o % kColumns] = params.weight.row(
                    t)[params.transpose_weight ? o * inputs + c : c * outputs + o];
        }
    return packed;
}

// The pairs of each tap, in the order of their output row.
struct Pair {
    int32_t in, out;
};

class Pairs {
  public:
    Pairs(const TensorView<const int32_t, 2>& source, int64_t begin, int64_t end,
          std::vector<int64_t>& start, std::vector<Pair>& pairs)
        : start_(start), pairs_(pairs) {
        const int64_t taps = source.size[1];
        start.assign(taps + 2, 0);
        for (int64_t m = begin; m < end; ++m)
            for (int64_t t = 0; t < taps; ++t) start[t + 2] += source.row(m)[t] >= 0;
        for (int64_t t = 0; t < taps; ++t) start[t + 2] += start[t + 1];
        pairs.resize(start[taps + 1]);
        for (int64_t m = begin; m < end; ++m)
            for (int64_t t = 0; t < taps; ++t)
                if (const int32_t i = source.row(m)[t]; i >= 0)
                    pairs[start[t + 1]++] = {i, static_cast<int32_t>(m)};
    }
    const Pair* first(int64_t tap) const { return pairs_.data() + start_[tap]; }
    int64_t count(int64_t tap) const { return start_[tap + 1] - start_[tap]; }

  private:
    std::vector<int64_t>& start_;
    std::vector<Pair>& pairs_;
};

template <typename T>
void multiply_tap(const SparseConvParams<T>& params, const Tiles<T>& tiles, const T* panels,
                  const Pair* pairs, int64_t count) {
    const int64_t inputs = params.features.size[1], outputs = params.out.size[1];
    const T* row[kRows];
    T* out[kRows];
    for (int64_t first = 0; first < outputs; first += kColumns, panels += inputs * kColumns) {
        const int columns = static_cast<int>(std::min<int64_t>(kColumns, outputs - first));
        for (int64_t p = 0; p < count; p += kRows) {
            const int rows = static_cast<int>(std::min<int64_t>(kRows, count - p));
            for (int r = 0; r < rows; ++r) {
                row[r] = params.features.row(pairs[p + r].in);
                out[r] = params.out.row(pairs[p + r].out) + first;
            }
            tiles.multiply(rows, row, inputs, panels, out, columns);
        }
    }
}

// All columns of the inputs [first, first + width) of one tap's weight gradient, pairs in order.
template <typename T>
class TapGradient {
  public:
    TapGradient(const SparseConvWeightParams<T>& params, const Tiles<T>& tiles)
        : params_(params),
          tiles_(tiles),
          panels_(panels_of(params.gradient.size[1])),
          left_(kChunk * params.features.size[1]),
          right_(panels_ * kChunk * kColumns, T(0)) {}

    void run(int64_t tap, const Pair* pairs, int64_t count, int64_t first, int64_t width) {
        const int64_t outputs = params_.gradient.size[1];
        sums_.assign((width + kRows - 1) / kRows * panels_ * kRows * kColumns, T(0));
        for (int64_t p = 0; p < count; p += kChunk)
            add(pairs + p, std::min(kChunk, count - p), first, width);
        for (int64_t c = 0; c < width; ++c)
            for (int64_t o = 0; o < outputs; ++o)
                params_.weight.row(tap)[(first + c) * outputs + o] =
                    sums_[((c / kRows * panels_ + o / kColumns) * kRows + c % kRows) * kColumns +
                          o % kColumns];
    }

  private:
    void add(const Pair* pairs, int64_t count, int64_t first, int64_t width) {
        const int64_t outputs = params_.gradient.size[1];
        for (int64_t p = 0; p < count; ++p) {
            const T* feature = params_.features.row(pairs[p].in) + first;
            std::copy_n(feature, width, left_.data() + p * width);
            const T* gradient = params_.gradient.row(pairs[p].out);
            for (int64_t panel = 0; panel < panels_; ++panel)
                std::copy_n(gradient + panel * kColumns,
                            std::min<int64_t>(kColumns, outputs - panel * kColumns),
                            right_.data() + (panel * kChunk + p) * kColumns);
        }
        T* sums = sums_.data();
        for (int64_t c = 0; c < width; c += kRows)
            for (int64_t panel = 0; panel < panels_; ++panel, sums += kRows * kColumns)
                tiles_.outer(static_cast<int>(std::min<int64_t>(kRows, width - c)),
                             left_.data() + c, {width, count},
                             right_.data() + panel * kChunk * kColumns, sums);
    }

    const SparseConvWeightParams<T>& params_;
    const Tiles<T>& tiles_;
    int64_t panels_;
    std::vector<T> left_;   // [kChunk][width] the features of the pairs
    std::vector<T> right_;  // [panel][kChunk][kColumns] their gradients, zero beyond Cout
    std::vector<T> sums_;   // [tile of inputs][panel][kRows][kColumns]
};

template <typename T>
void sum_rows(const TensorView<const T, 2>& rows, const TensorView<T, 1>& out) {
    std::vector<double> total(rows.size[1], 0.0);
    for (int64_t m = 0; m < rows.size[0]; ++m)
        for (int64_t o = 0; o < rows.size[1]; ++o) total[o] += rows.row(m)[o];
    std::copy(total.begin(), total.end(), out.data);
}

}  // namespace

template <typename T>
void sparse_conv(const SparseConvParams<T>& params, int threads) {
    const int64_t rows = params.out.size[0], outputs = params.out.size[1];
    const int64_t inputs = params.features.size[1], taps = params.source.size[1];
    const Tiles<T> tiles = best_tiles<T>();
    const std::vector<T> packed = pack(params, inputs, outputs);
    const int64_t tap_size = panels_of(outputs) * inputs * kColumns;
    // about half of the taps find a pair; about 16 multiply-adds a nanosecond
    const int64_t work = rows * taps * (inputs * outputs / 32 + 1);

    parallel_for(rows, threads_for(work, threads), [&](int64_t begin, int64_t end) {
        std::vector<int64_t> start;
        std::vector<Pair> list;
        for (int64_t first = begin; first < end; first += kBlock) {
            const int64_t last = std::min(first + kBlock, end);
            for (int64_t m = first; m < last; ++m) {
                if (params.bias.size[0] > 0)
                    std::copy_n(params.bias.data, outputs, params.out.row(m));
                else
                    std::fill_n(params.out.row(m), outputs, T(0));
            }
            const Pairs pairs(params.source, first, last, start, list);
            for (int64_t t = 0; t < taps; ++t)
                multiply_tap(params, tiles, packed.data() + t * tap_size, pairs.first(t),
                             pairs.count(t));
        }
    });
}

template <typename T>
void sparse_conv_weight(const SparseConvWeightParams<T>& params, int threads) {
    const int64_t rows = params.gradient.size[0], taps = params.source.size[1];
    const int64_t inputs = params.features.size[1], outputs = params.gradient.size[1];
    const Tiles<T> tiles = best_tiles<T>();
    std::vector<int64_t> start;
    std::vector<Pair> list;
    const Pairs pairs(params.source, 0, rows, start, list);
    if (params.bias.size[0] > 0) sum_rows(params.gradient, params.bias);

    // An item is a tap, or a share of a tap's inputs where taps alone would not busy the threads.
    // Each sum belongs to one item, so it has one order; free threads take the next item.
    threads = threads_for(rows * taps * (inputs * outputs / 32 + 1), threads);
    const int64_t tiles_of_inputs = (inputs + kRows - 1) / kRows;
    const int64_t wanted = 4 * threads / std::max<int64_t>(taps, 1) + 1;
    const int64_t shares = std::clamp<int64_t>(wanted, 1, std::max<int64_t>(tiles_of_inputs, 1));
    const int64_t width = (tiles_of_inputs + shares - 1) / shares * kRows;
    std::atomic<int64_t> next{0};
    parallel_for(threads, threads, [&](int64_t, int64_t) {
        TapGradient<T> gradient(params, tiles);
        for (int64_t item; (item = next++) < taps * shares;) {
            const int64_t tap = item / shares, first = item % shares * width;
            if (first < inputs)
                gradient.run(tap, pairs.first(tap), pairs.count(tap), first,
                             std::min(width, inputs - first));
        }
    });
}

template void sparse_conv(const SparseConvParams<float>&, int);
template void sparse_conv(const SparseConvParams<double>&, int);
template void sparse_conv_weight(const SparseConvWeightParams<float>&, int);
template void sparse_conv_weight(const SparseConvWeightParams<double>&, int);

}  // namespace pdengine
