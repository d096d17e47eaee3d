// Points in blocks that are near in space, and boxes around the blocks, eight by eight.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace pdengine {

constexpr int kBlock = 16;  // points of a block, but for the last
constexpr int kWide = 8;    // boxes that are looked at together
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Block {
    float x[kBlock], y[kBlock], z[kBlock];  // not a number past the last point
    int32_t row[kBlock];                    // of the caller's points
};

struct Box {
    float low[3] = {kInfinity, kInfinity, kInfinity};
    float high[3] = {-kInfinity, -kInfinity, -kInfinity};

    void take(const float* lowest, const float* highest) {
        for (int a = 0; a < 3; ++a) {
            low[a] = std::min(low[a], lowest[a]);
            high[a] = std::max(high[a], highest[a]);
        }
    }
};

// Of eight blocks, or of eight times as many as the boxes below.
struct Boxes {
    float low[3][kWide], high[3][kWide];
    int32_t lowest_row[kWide];  // of the points inside

    Box at(int i) const {
        return {{low[0][i], low[1][i], low[2][i]}, {high[0][i], high[1][i], high[2][i]}};
    }
    void set(int i, const Box& box, int32_t row) {
        for (int a = 0; a < 3; ++a) {
            low[a][i] = box.low[a];
            high[a][i] = box.high[a];
        }
        lowest_row[i] = row;
    }
};

// A k-d tree without nodes: the order of the points says it all.
struct Tree {
    int64_t count = 0;
    std::vector<Block> blocks;
    std::vector<std::vector<Boxes>> levels;  // the first of the blocks, the last has one entry

    int points(int64_t block) const {
        return static_cast<int>(std::min<int64_t>(kBlock, count - block * kBlock));
    }
    // What the boxes of a level are around: blocks, or entries of the level below.
    int64_t below(size_t level) const {
        return static_cast<int64_t>(level == 0 ? blocks.size() : levels[level - 1].size());
    }
    int children(size_t level, int64_t entry) const {
        return static_cast<int>(std::min<int64_t>(kWide, below(level) - entry * kWide));
    }
};

}  // namespace pdengine
