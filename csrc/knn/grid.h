// Points in the cells of a grid, whose size their number decides.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "core/tensor_view.h"
#include "knn/cell_trees.h"

namespace pdengine {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr int kMaxCellsPerAxis = 1024;
constexpr double kPointsPerCell = 4;
constexpr uint32_t kSample = 4096;  // points that decide on the box

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
    std::vector<int32_t> row;    // [P]
    CellTrees trees;             // of the cells with more than kMany points

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
inline void choose_box(const TensorView<const float, 2>& points, float* low, double* extent) {
    const auto count = static_cast<uint64_t>(points.size[0]);
    const bool all = count <= kSample;
    std::vector<float> sample;
    for (int a = 0; a < 3; ++a) {
        sample.clear();
        for (uint32_t i = 0; i < (all ? count : kSample); ++i) {
            // Golden steps: an even step would meet one of two kinds of points that take turns.
            const uint64_t row = all ? i : (i * 0x9E3779B9u) * count >> 32;
            sample.push_back(points.data[row * 3 + a]);
        }
        const int64_t cut = static_cast<int64_t>(sample.size()) / 100;
        const auto first = sample.begin() + cut, last = sample.end() - 1 - cut;
        std::nth_element(sample.begin(), first, sample.end());
        low[a] = *first;
        std::nth_element(sample.begin(), last, sample.end());
        extent[a] = static_cast<double>(*last) - low[a];
    }
}

inline void set_slabs(Grid& grid, const float* low, const double* extent, double edge) {
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
inline double edge_for(Grid& grid, const float* low, const double* extent, double wanted) {
    double fine = -160, coarse = 130;  // powers of two
    for (int i = 0; i < 40; ++i) {
        const double middle = (fine + coarse) / 2;
        set_slabs(grid, low, extent, std::exp2(middle));
        (static_cast<double>(grid.cells()) <= wanted ? coarse : fine) = middle;
    }
    return std::exp2(coarse);
}

// Counts the points of each cell; returns how many a cell holds that holds any, in the mean.  A
// cell's tree is as good as so many, however full the cell is: a cluster that is small beside the
// cloud must not make cells so fine that the rest walks through empty ones.
inline double count_cells(Grid& grid, const TensorView<const float, 2>& points,
                          std::vector<int32_t>& cell_of) {
    const int64_t count = points.size[0];
    grid.start.assign(grid.cells() + 1, 0);
    int64_t occupied = 0, held = 0;
    for (int64_t i = 0; i < count; ++i) {
        cell_of[i] = static_cast<int32_t>(grid.cell(points.data + i * 3));
        const int32_t before = grid.start[cell_of[i] + 1]++;
        occupied += before == 0;
        held += before < CellTrees::kMany;
    }
    return static_cast<double>(held) / static_cast<double>(occupied);
}

inline void measure_slabs(Axis& axis, const float* coordinate, int64_t count) {
    axis.min.assign(axis.slabs, kInfinity);
    axis.max.assign(axis.slabs, -kInfinity);
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

// Orders the points of full cells by trees.
inline void grow_trees(Grid& grid) {
    std::vector<IndexedPoint> inside;
    for (int64_t cell = 0; cell < grid.cells(); ++cell) {
        const int32_t begin = grid.start[cell], end = grid.start[cell + 1];
        if (end - begin <= CellTrees::kMany) continue;
        inside.clear();
        for (int32_t i = begin; i < end; ++i)
            inside.push_back({{grid.x[i], grid.y[i], grid.z[i]}, grid.row[i]});
        grid.trees.add(cell, inside, begin);
        for (int32_t i = begin; i < end; ++i) {
            const IndexedPoint& point = inside[i - begin];
            grid.x[i] = point.at[0];
            grid.y[i] = point.at[1];
            grid.z[i] = point.at[2];
            grid.row[i] = point.row;
        }
    }
}

inline Grid build_grid(const TensorView<const float, 2>& points) {
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
    grow_trees(grid);
    return grid;
}

}  // namespace pdengine
