#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "core/parallel.h"
#include "knn/knn.h"

namespace pdengine {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr int kMaxCellsPerAxis = 1024;
constexpr double kPointsPerCell = 4;

// One axis of the grid.  A coordinate falls into one of `slabs` slabs, by a rule that never
// descends as the coordinate ascends; what a slab really holds is measured, so a bound taken from
// it is exact in the same float arithmetic as the distances, and rounding in `slab` cannot hurt.
struct Axis {
    float low = 0;
    double inverse = 0;
    int slabs = 1;
    std::vector<float> min, max;            // of the points in each slab, inf and -inf where none
    std::vector<float> min_from, max_upto;  // of the points in this slab and above, and below

    int slab(float x) const {
        const double s = (static_cast<double>(x) - low) * inverse;
        return s <= 0 ? 0 : s >= slabs - 1 ? slabs - 1 : static_cast<int>(s);
    }
    // The least |p - x| of any point p in the slab.
    float gap(int i, float x) const { return std::max(0.0f, std::max(min[i] - x, x - max[i])); }
};

// Points sorted by cell, z fastest: a run of cells along z is one contiguous range.
struct Grid {
    Axis axis[3];
    std::vector<int32_t> start;  // [cells + 1]
    std::vector<float> x, y, z;  // [P]
    std::vector<int32_t> row;    // [P] ascending inside a cell

    int64_t cell(const float* p) const {
        return (static_cast<int64_t>(axis[0].slab(p[0])) * axis[1].slabs + axis[1].slab(p[1])) *
                   axis[2].slabs +
               axis[2].slab(p[2]);
    }
    int64_t cells() const {
        return static_cast<int64_t>(axis[0].slabs) * axis[1].slabs * axis[2].slabs;
    }
};

// The middle 98 % of a sample: a few far points must not stretch the grid until the rest shares
// one cell.  Points outside fall into the outermost slabs.
void choose_box(const TensorView<const float, 2>& points, float* low, double* extent) {
    const int64_t count = points.size[0], step = std::max<int64_t>(1, count / 4096);
    std::vector<float> sample;
    for (int a = 0; a < 3; ++a) {
        sample.clear();
        for (int64_t i = 0; i < count; i += step) sample.push_back(points.data[i * 3 + a]);
        const int64_t cut = static_cast<int64_t>(sample.size()) / 100;
        const auto first = sample.begin() + cut, last = sample.end() - 1 - cut;
        std::nth_element(sample.begin(), first, sample.end());
        low[a] = *first;
        std::nth_element(sample.begin(), last, sample.end());
        extent[a] = static_cast<double>(*last) - low[a];
    }
}

void set_slabs(Grid& grid, const float* low, const double* extent, double edge) {
    for (int a = 0; a < 3; ++a) {
        Axis& axis = grid.axis[a];
        axis.low = low[a];
        axis.slabs =
            extent[a] > 0
                ? static_cast<int>(std::min<double>(extent[a] / edge + 1, kMaxCellsPerAxis))
                : 1;
        axis.inverse = extent[a] > 0 ? axis.slabs / extent[a] : 0;
    }
}

// The finest edge with at most `wanted` cells, by halving the exponent range that floats span.
double edge_for(Grid& grid, const float* low, const double* extent, double wanted) {
    double fine = -160, coarse = 130;  // powers of two
    for (int i = 0; i < 40; ++i) {
        const double middle = (fine + coarse) / 2;
        set_slabs(grid, low, extent, std::exp2(middle));
        (static_cast<double>(grid.cells()) <= wanted ? coarse : fine) = middle;
    }
    return std::exp2(coarse);
}

// Sort the points into cells; returns the mean number of points in the cells that hold any.
double count_cells(Grid& grid, const TensorView<const float, 2>& points,
                   std::vector<int32_t>& cell_of) {
    const int64_t count = points.size[0];
    grid.start.assign(grid.cells() + 1, 0);
    int64_t occupied = 0;
    for (int64_t i = 0; i < count; ++i) {
        cell_of[i] = static_cast<int32_t>(grid.cell(points.data + i * 3));
        occupied += grid.start[cell_of[i] + 1]++ == 0;
    }
    return static_cast<double>(count) / static_cast<double>(occupied);
}

void measure_slabs(Axis& axis, const float* coordinate, int64_t count) {
    axis.min.assign(axis.slabs, kInf);
    axis.max.assign(axis.slabs, -kInf);
    for (int64_t i = 0; i < count; ++i) {
        const float x = coordinate[i * 3];
        const int s = axis.slab(x);
        axis.min[s] = std::min(axis.min[s], x);
        axis.max[s] = std::max(axis.max[s], x);
    }
    axis.min_from = axis.min;
    axis.max_upto = axis.max;
    for (int s = axis.slabs - 1; s-- > 0;)
        axis.min_from[s] = std::min(axis.min_from[s], axis.min_from[s + 1]);
    for (int s = 1; s < axis.slabs; ++s)
        axis.max_upto[s] = std::max(axis.max_upto[s], axis.max_upto[s - 1]);
}

Grid build(const TensorView<const float, 2>& points) {
    const int64_t count = points.size[0];
    Grid grid;
    float low[3];
    double extent[3];
    choose_box(points, low, extent);

    // Shapes are surfaces: most cells of a box are empty.  Refine until the cells that hold points
    // hold about kPointsPerCell of them, or there are eight cells a point.
    std::vector<int32_t> cell_of(count);
    const double most = std::min(8.0 * static_cast<double>(count) + 64, 2e9);
    double wanted = std::max(1.0, static_cast<double>(count) / kPointsPerCell);
    for (int round = 0; round < 4; ++round) {
        set_slabs(grid, low, extent, edge_for(grid, low, extent, wanted));
        const double held = count_cells(grid, points, cell_of);
        if (held <= 1.3 * kPointsPerCell || wanted >= most) break;
        wanted = std::min(most, wanted * std::pow(held / kPointsPerCell, 1.5));
    }

    std::partial_sum(grid.start.begin(), grid.start.end(), grid.start.begin());
    grid.row.resize(count);
    for (std::vector<float>* axis : {&grid.x, &grid.y, &grid.z}) axis->resize(count);
    std::vector<int32_t> next(grid.start.begin(), grid.start.end() - 1);
    for (int64_t i = 0; i < count; ++i) {
        const int32_t at = next[cell_of[i]]++;
        grid.x[at] = points.data[i * 3];
        grid.y[at] = points.data[i * 3 + 1];
        grid.z[at] = points.data[i * 3 + 2];
        grid.row[at] = static_cast<int32_t>(i);
    }
    for (int a = 0; a < 3; ++a) measure_slabs(grid.axis[a], points.data + a, count);
    return grid;
}

// The k least of the keys offered.  Squared distances are not negative, so they order like their
// bits, and (distance bits, index) packed into one word orders by distance, then by index.
class Nearest {
  public:
    explicit Nearest(int64_t k) : k_(k), few_(k <= kFew), room_(few_ ? k + 1 : 2 * k + 64) {
        keys_.reserve(room_);
    }

    void clear() {
        keys_.clear();
        bound_ = ~uint64_t{0};
    }
    void offer(float distance, int32_t row) {
        uint32_t bits;
        std::memcpy(&bits, &distance, sizeof bits);
        const uint64_t key = (static_cast<uint64_t>(bits) << 32) | static_cast<uint32_t>(row);
        if (key > bound_) return;
        keys_.push_back(key);
        if (few_) {  // in order at once: the bound is always the k-th
            size_t at = keys_.size() - 1;
            for (; at > 0 && keys_[at - 1] > key; --at) keys_[at] = keys_[at - 1];
            keys_[at] = key;
            if (keys_.size() < k_) return;
            keys_.resize(k_);
            bound_ = keys_[k_ - 1];
        } else if (keys_.size() == room_) {
            shrink();
        }
    }
    // Keep the k least; afterwards no key above the k-th is taken.
    void shrink() {
        if (few_ || keys_.size() < k_) return;
        std::nth_element(keys_.begin(), keys_.begin() + (k_ - 1), keys_.end());
        keys_.resize(k_);
        bound_ = keys_[k_ - 1];
    }
    // A point at this squared distance or more away cannot change the answer.  At the k-th
    // distance itself it still can: its index may be lower.
    bool settled(float distance) const {
        uint32_t bits;
        std::memcpy(&bits, &distance, sizeof bits);
        return bits > bound_ >> 32;
    }
    void write(int64_t* index, float* distance) {
        if (!few_) std::sort(keys_.begin(), keys_.end());
        for (size_t i = 0; i < k_; ++i) {
            index[i] = static_cast<int64_t>(keys_[i] & 0xffffffffu);
            const uint32_t bits = static_cast<uint32_t>(keys_[i] >> 32);
            std::memcpy(distance + i, &bits, sizeof bits);
        }
    }

  private:
    static constexpr int64_t kFew = 8;
    size_t k_;
    bool few_;
    size_t room_;
    std::vector<uint64_t> keys_;
    uint64_t bound_ = ~uint64_t{0};
};

float squared(float dx, float dy, float dz) {
    return (dx * dx + dy * dy) + dz * dz;
}

class Search {
  public:
    Search(const Grid& grid, int64_t k) : grid_(grid), nearest_(k) {}

    // Cells in growing cubes around the query's own, until no cell outside can matter.
    void run(const float* q, int64_t* index, float* distance) {
        nearest_.clear();
        for (int a = 0; a < 3; ++a) {
            q_[a] = q[a];
            home_[a] = grid_.axis[a].slab(q[a]);
            const Axis& axis = grid_.axis[a];
            outside_[a] = std::max(
                0.0f, std::max(axis.min_from[0] - q[a], q[a] - axis.max_upto[axis.slabs - 1]));
        }
        for (int radius = 1;; ++radius) {
            shell(radius);
            nearest_.shrink();
            if (nearest_.settled(beyond(radius))) break;
            if (covered(radius)) break;
        }
        nearest_.write(index, distance);
    }

  private:
    bool covered(int radius) const {
        for (int a = 0; a < 3; ++a)
            if (home_[a] - radius > 0 || home_[a] + radius < grid_.axis[a].slabs - 1) return false;
        return true;
    }

    // The least squared distance of any point outside the cube: it is outside along some axis, and
    // along the others at least as far as the box of all points.
    float beyond(int radius) const {
        float least = kInf;
        for (int a = 0; a < 3; ++a) {
            const Axis& axis = grid_.axis[a];
            const int above = home_[a] + radius + 1, below = home_[a] - radius - 1;
            float gap[3] = {outside_[0], outside_[1], outside_[2]};
            if (above < axis.slabs) {
                gap[a] = std::max(0.0f, axis.min_from[above] - q_[a]);
                least = std::min(least, squared(gap[0], gap[1], gap[2]));
            }
            if (below >= 0) {
                gap[a] = std::max(0.0f, q_[a] - axis.max_upto[below]);
                least = std::min(least, squared(gap[0], gap[1], gap[2]));
            }
        }
        return least;
    }

    // The cells at Chebyshev distance `radius`; the first call (radius 1) also takes the inside.
    void shell(int radius) {
        const Axis &ax = grid_.axis[0], &ay = grid_.axis[1], &az = grid_.axis[2];
        const int x0 = std::max(home_[0] - radius, 0);
        const int x1 = std::min(home_[0] + radius, ax.slabs - 1);
        const int y0 = std::max(home_[1] - radius, 0);
        const int y1 = std::min(home_[1] + radius, ay.slabs - 1);
        const int z0 = home_[2] - radius, z1 = home_[2] + radius;
        for (int ix = x0; ix <= x1; ++ix) {
            const float gx = ax.gap(ix, q_[0]);
            if (nearest_.settled(squared(gx, outside_[1], outside_[2]))) continue;
            const bool x_edge = radius == 1 || std::abs(ix - home_[0]) == radius;
            for (int iy = y0; iy <= y1; ++iy) {
                if (nearest_.settled(squared(gx, ay.gap(iy, q_[1]), outside_[2]))) continue;
                const int64_t line = (static_cast<int64_t>(ix) * ay.slabs + iy) * az.slabs;
                if (x_edge || std::abs(iy - home_[1]) == radius) {
                    scan(line + std::max(z0, 0), line + std::min(z1, az.slabs - 1));
                } else {
                    if (z0 >= 0) scan(line + z0, line + z0);
                    if (z1 < az.slabs) scan(line + z1, line + z1);
                }
            }
        }
    }

    void scan(int64_t first_cell, int64_t last_cell) {
        const int32_t end = grid_.start[last_cell + 1];
        for (int32_t i = grid_.start[first_cell]; i < end; ++i)
            nearest_.offer(squared(q_[0] - grid_.x[i], q_[1] - grid_.y[i], q_[2] - grid_.z[i]),
                           grid_.row[i]);
    }

    const Grid& grid_;
    Nearest nearest_;
    float q_[3];
    float outside_[3];
    int home_[3];
};

}  // namespace

void knn(const KnnParams& params, int threads) {
    const int64_t queries = params.query.size[0], k = params.index.size[1];
    const Grid grid = build(params.points);

    // Queries of one cell follow each other, so that their cells are still in the cache.
    std::vector<std::pair<int64_t, int64_t>> order(queries);
    for (int64_t i = 0; i < queries; ++i) order[i] = {grid.cell(params.query.row(i)), i};
    std::sort(order.begin(), order.end());

    const int64_t work = queries * (1000 + 60 * k);
    const auto range = [&](int64_t begin, int64_t end) {
        Search search(grid, k);
        for (int64_t at = begin; at < end; ++at) {
            const int64_t i = order[at].second;
            search.run(params.query.row(i), params.index.row(i), params.distance.row(i));
        }
    };
    parallel_for(queries, threads_for(work, threads), range, kManyShares);
}

}  // namespace pdengine
