// How points come into the order of a tree.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "core/parallel.h"
#include "core/tensor_view.h"
#include "knn/lanes.h"
#include "knn/tree.h"

namespace pdengine {

struct IndexedPoint {
    float at[3];
    int32_t row;
};

// Cuts points across the longest side of their box, again and again.  The lower ones are a power of
// two of full blocks, so that eight blocks, and eight times eight, are a branch of the tree. Points
// that are equal are cut by their rows: then a branch of higher rows can be left out.
class Cutter {
  public:
    explicit Cutter(const Lanes& lanes) : lanes_(lanes) {}

    void sort(IndexedPoint* points, int64_t count) {
        while (count > kBlock) {
            const int64_t half = cut(points, count);
            sort(points, half);
            points += half;
            count -= half;
        }
    }
    // Returns how many points are the lower ones.
    int64_t cut(IndexedPoint* points, int64_t count) {
        int64_t half = kBlock;
        while (half * 2 < count) half *= 2;
        axis_ = longest_side(points, count);
        int64_t begin = 0, end = count;
        for (int round = 0; round < kRounds && end - begin > kRanked; ++round) {
            const float at = pivot(points, begin, end, half);
            const int64_t lower = begin + partition(points + begin, end - begin, at);
            if (lower == begin) break;  // too many are equal
            (lower <= half ? begin : end) = lower;
        }
        if (end - begin > kRanked || !by_rank(points + begin, end - begin))
            std::nth_element(points + begin, points + half, points + end,
                             [a = axis_](const IndexedPoint& one, const IndexedPoint& other) {
                                 return one.at[a] != other.at[a] ? one.at[a] < other.at[a]
                                                                 : one.row < other.row;
                             });
        return half;
    }

  private:
    static constexpr int kRounds = 8;  // it takes three, or somebody has sought the worst order

    // Of some of the points.
    static int longest_side(const IndexedPoint* points, int64_t count) {
        constexpr int64_t kSample = 256;
        Box box;
        for (int64_t i = 0; i < count; i += 1 + count / kSample)
            box.take(points[i].at, points[i].at);
        int axis = 0;
        for (int a = 1; a < 3; ++a)
            if (box.high[a] - box.low[a] > box.high[axis] - box.low[axis]) axis = a;
        return axis;
    }

    // A coordinate that leaves the point sought on the short side, most likely.
    float pivot(const IndexedPoint* points, int64_t begin, int64_t end, int64_t sought) const {
        constexpr int64_t kSample = 32, kMargin = 2;
        float sample[kSample];
        for (int64_t i = 0; i < kSample; ++i)
            sample[i] = points[begin + (end - begin) * (2 * i + 1) / (2 * kSample)].at[axis_];
        const int64_t at = kSample * (sought - begin) / (end - begin);
        float* found = sample + (at < kSample / 2 ? at + kMargin : at - kMargin);
        std::nth_element(sample, found, sample + kSample);
        return *found;
    }

    // The points below the pivot come first; returns how many.  No branch: none could be foreseen.
    int64_t partition(IndexedPoint* points, int64_t count, float pivot) {
        if (static_cast<int64_t>(above_.size()) < count) above_.resize(count);
        const int axis = axis_;
        int64_t below = 0, above = 0;
        for (int64_t i = 0; i < count; ++i) {
            const bool is_below = points[i].at[axis] < pivot;
            const IndexedPoint point = points[i];
            points[below] = point;
            above_[above] = point;
            below += is_below;
            above += !is_below;
        }
        std::copy_n(above_.begin(), above, points + below);
        return below;
    }

    // Sorts a few points; false where two coordinates are equal.
    bool by_rank(IndexedPoint* points, int64_t count) {
        float along[kRanked + kPast];
        int32_t ranks[kRanked + kPast];
        IndexedPoint sorted[kRanked];
        for (int64_t i = 0; i < count; ++i) along[i] = points[i].at[axis_];
        if (!lanes_.rank(along, count, ranks)) return false;
        for (int64_t i = 0; i < count; ++i) sorted[ranks[i]] = points[i];
        std::copy_n(sorted, count, points);
        return true;
    }

    const Lanes& lanes_;
    int axis_ = 0;
    std::vector<IndexedPoint> above_;
};

inline Tree build_tree(const TensorView<const float, 2>& xyz, const Lanes& lanes, int threads) {
    Tree tree;
    tree.count = xyz.size[0];
    std::vector<IndexedPoint> points(tree.count);
    for (int64_t i = 0; i < tree.count; ++i) {
        const float* p = xyz.row(i);
        points[i] = {{p[0], p[1], p[2]}, static_cast<int32_t>(i)};
    }

    // The first cuts make branches for the threads.
    std::vector<std::pair<int64_t, int64_t>> branches{{0, tree.count}};  // first point, points
    while (threads > 1 && static_cast<int>(branches.size()) < 4 * threads) {
        std::vector<std::pair<int64_t, int64_t>> halves(2 * branches.size());
        parallel_each(branches.size(), threads, [&](int64_t i) {
            const auto [begin, count] = branches[i];
            const int64_t half =
                count > kBlock ? Cutter(lanes).cut(points.data() + begin, count) : count;
            halves[2 * i] = {begin, half};
            halves[2 * i + 1] = {begin + half, count - half};
        });
        branches.swap(halves);
    }
    parallel_each(branches.size(), threads, [&](int64_t i) {
        Cutter(lanes).sort(points.data() + branches[i].first, branches[i].second);
    });

    const int64_t blocks = (tree.count + kBlock - 1) / kBlock;
    tree.blocks.resize(blocks);
    tree.levels.emplace_back((blocks + kWide - 1) / kWide);
    parallel_for(blocks, threads, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) {
            Block& block = tree.blocks[b];
            Box box;
            int32_t lowest_row = std::numeric_limits<int32_t>::max();
            const int live = tree.points(b);
            for (int i = 0; i < kBlock; ++i) {
                const IndexedPoint& point = points[b * kBlock + std::min(i, live - 1)];
                block.x[i] = i < live ? point.at[0] : std::nanf("");
                block.y[i] = point.at[1];
                block.z[i] = point.at[2];
                block.row[i] = point.row;
                box.take(point.at, point.at);
                lowest_row = std::min(lowest_row, point.row);
            }
            tree.levels[0][b / kWide].set(b % kWide, box, lowest_row);
        }
    });
    while (tree.levels.back().size() > 1) {
        const int64_t below = tree.levels.back().size();
        std::vector<Boxes> level((below + kWide - 1) / kWide);
        for (int64_t i = 0; i < below; ++i) {
            const Boxes& boxes = tree.levels.back()[i];
            Box box;
            int32_t lowest_row = std::numeric_limits<int32_t>::max();
            for (int c = 0; c < tree.children(tree.levels.size() - 1, i); ++c) {
                const Box one = boxes.at(c);
                box.take(one.low, one.high);
                lowest_row = std::min(lowest_row, boxes.lowest_row[c]);
            }
            level[i / kWide].set(i % kWide, box, lowest_row);
        }
        tree.levels.push_back(std::move(level));
    }
    return tree;
}

}  // namespace pdengine
