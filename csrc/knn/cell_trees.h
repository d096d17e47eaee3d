// Trees inside the cells of a grid that hold many points: a cluster that is small beside the cloud
// falls into few cells, and points that are equal into one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace pdengine {

struct IndexedPoint {
    float at[3];
    int32_t row;
};

// The points [begin, end) of the grid's order, and the box around them.  The first half is the next
// node; a leaf has no second one.
struct TreeNode {
    float min[3], max[3];
    int32_t lowest_row;
    int32_t begin, end;
    int32_t second = 0;
};

class CellTrees {
  public:
    static constexpr int32_t kMany = 64;  // points of a cell that has a tree

    // Sorts the points of a cell, which comes after those before.
    void add(int64_t cell, std::vector<IndexedPoint>& points, int32_t begin) {
        cell_.push_back(cell);
        root_.push_back(static_cast<int32_t>(nodes_.size()));
        grow(points.data(), static_cast<int32_t>(points.size()), begin);
    }
    bool empty() const { return cell_.empty(); }
    // The root of a cell's tree.
    int32_t root(int64_t cell) const {
        return root_[std::lower_bound(cell_.begin(), cell_.end(), cell) - cell_.begin()];
    }
    const TreeNode& node(int32_t i) const { return nodes_[i]; }

  private:
    static constexpr int32_t kLeaf = 12;

    void grow(IndexedPoint* points, int32_t count, int32_t begin) {
        const size_t self = nodes_.size();
        nodes_.push_back(box(points, count, begin));
        if (count <= kLeaf) return;
        const TreeNode& node = nodes_[self];
        int axis = 0;
        for (int a = 1; a < 3; ++a)
            if (node.max[a] - node.min[a] > node.max[axis] - node.min[axis]) axis = a;
        const int32_t half = count / 2;
        // Points that are equal are cut by their rows: then a half of higher rows can be left out.
        std::nth_element(points, points + half, points + count,
                         [axis](const IndexedPoint& a, const IndexedPoint& b) {
                             return a.at[axis] != b.at[axis] ? a.at[axis] < b.at[axis]
                                                             : a.row < b.row;
                         });
        grow(points, half, begin);
        nodes_[self].second = static_cast<int32_t>(nodes_.size());
        grow(points + half, count - half, begin + half);
    }

    static TreeNode box(const IndexedPoint* points, int32_t count, int32_t begin) {
        TreeNode node{};
        std::copy_n(points->at, 3, node.min);
        std::copy_n(points->at, 3, node.max);
        node.lowest_row = points->row;
        for (int32_t i = 1; i < count; ++i) {
            for (int a = 0; a < 3; ++a) {
                node.min[a] = std::min(node.min[a], points[i].at[a]);
                node.max[a] = std::max(node.max[a], points[i].at[a]);
            }
            node.lowest_row = std::min(node.lowest_row, points[i].row);
        }
        node.begin = begin;
        node.end = begin + count;
        return node;
    }

    std::vector<int64_t> cell_;  // ascending
    std::vector<int32_t> root_;
    std::vector<TreeNode> nodes_;
};

}  // namespace pdengine
