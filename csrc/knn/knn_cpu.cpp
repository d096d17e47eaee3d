#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/parallel.h"
#include "knn/grid.h"
#include "knn/knn.h"
#include "knn/nearest.h"

namespace pdengine {
namespace {

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
        const int64_t home = (static_cast<int64_t>(home_[0]) * grid_.axis[1].slabs + home_[1]) *
                                 grid_.axis[2].slabs +
                             home_[2];
        // Where the query's own cell is full, the others are seen with what it says.
        inside_ = grid_.start[home + 1] - grid_.start[home] > CellTrees::kMany ? 0 : 1;
        for (int radius = inside_;; ++radius) {
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
        float least = kInfinity;
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

    // The cells at Chebyshev distance `radius`; the first call also takes the inside.
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
            const bool x_edge = radius == inside_ || std::abs(ix - home_[0]) == radius;
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
        const int32_t begin = grid_.start[first_cell], end = grid_.start[last_cell + 1];
        if (end - begin <= CellTrees::kMany || grid_.trees.empty()) return offer(begin, end);
        for (int64_t cell = first_cell; cell <= last_cell; ++cell) {
            if (grid_.start[cell + 1] - grid_.start[cell] <= CellTrees::kMany)
                offer(grid_.start[cell], grid_.start[cell + 1]);
            else
                descend(grid_.trees.root(cell));
        }
    }

    void offer(int32_t begin, int32_t end) {
        for (int32_t i = begin; i < end; ++i)
            nearest_.offer(squared(q_[0] - grid_.x[i], q_[1] - grid_.y[i], q_[2] - grid_.z[i]),
                           grid_.row[i]);
    }

    // The least squared distance of any point in the box.
    float distance(const TreeNode& node) const {
        float gap[3];
        for (int a = 0; a < 3; ++a)
            gap[a] = std::max(0.0f, std::max(node.min[a] - q_[a], q_[a] - node.max[a]));
        return squared(gap[0], gap[1], gap[2]);
    }

    // The half of lower keys first.
    void descend(int32_t i) {
        const TreeNode& node = grid_.trees.node(i);
        if (node.second == 0) return offer(node.begin, node.end);
        const TreeNode &one = grid_.trees.node(i + 1), &other = grid_.trees.node(node.second);
        const float near = distance(one), far = distance(other);
        const bool turn =
            Nearest::key_of(far, other.lowest_row) < Nearest::key_of(near, one.lowest_row);
        if (turn && !nearest_.settled(far, other.lowest_row)) descend(node.second);
        if (!nearest_.settled(near, one.lowest_row)) descend(i + 1);
        if (!turn && !nearest_.settled(far, other.lowest_row)) descend(node.second);
    }

    const Grid& grid_;
    Nearest nearest_;
    float q_[3];
    float outside_[3];
    int home_[3];
    int inside_;  // the first radius
};

}  // namespace

void knn(const KnnParams& params, int threads) {
    const int64_t queries = params.query.size[0], k = params.index.size[1];
    const Grid grid = build_grid(params.points);

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
