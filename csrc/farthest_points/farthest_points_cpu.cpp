#include <algorithm>
#include <limits>
#include <vector>

#include "core/always_inline.h"
#include "core/check_size.h"
#include "core/cpu_features.h"
#include "core/spatial_order.h"
#include "farthest_points/farthest_points.h"

namespace pdengine {
namespace {

constexpr int64_t kBlock = 128;  // points that are near each other, looked at together
constexpr int64_t kLanes = 16;

PDENGINE_INLINE float squared(float dx, float dy, float dz) {
    return (dx * dx + dy * dy) + dz * dz;
}

struct Block {
    float x[kBlock], y[kBlock], z[kBlock];
    float nearest[kBlock];  // squared distance to any chosen point; -1: chosen, or past the last
    int32_t row[kBlock];    // of the caller's points
    float low[3], high[3];  // the box around the points

    // The least squared distance of any point of the block.  It rounds as the distances do, so what
    // is bounded by it is bounded exactly.
    float gap(const float* q) const {
        float away[3];
        for (int a = 0; a < 3; ++a)
            away[a] = std::max(0.0f, std::max(low[a] - q[a], q[a] - high[a]));
        return squared(away[0], away[1], away[2]);
    }
};

// The farthest point of a block: the lowest row of those.
struct Farthest {
    float distance;
    int32_t row;
};

// Takes a chosen point to know, and says what is the farthest then.
PDENGINE_INLINE Farthest choose_body(Block& block, const float* q) {
    float most[kLanes];
    for (int64_t l = 0; l < kLanes; ++l) most[l] = -1.0f;
    for (int64_t i = 0; i < kBlock; i += kLanes)
        for (int64_t l = i; l < i + kLanes; ++l) {
            const float d = squared(block.x[l] - q[0], block.y[l] - q[1], block.z[l] - q[2]);
            block.nearest[l] = d < block.nearest[l] ? d : block.nearest[l];
            most[l - i] = block.nearest[l] > most[l - i] ? block.nearest[l] : most[l - i];
        }
    const float farthest = *std::max_element(most, most + kLanes);
    int32_t row = std::numeric_limits<int32_t>::max();
    for (int64_t i = 0; i < kBlock; ++i)
        row = block.nearest[i] == farthest && block.row[i] < row ? block.row[i] : row;
    return {farthest, row};
}

Farthest choose_portable(Block& block, const float* q) {
    return choose_body(block, q);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) Farthest choose_avx2(Block& block, const float* q) {
    return choose_body(block, q);
}
#endif

std::vector<Block> blocks_of(const TensorView<const float, 2>& xyz,
                             const std::vector<int32_t>& order) {
    const int64_t count = xyz.size[0];
    std::vector<Block> blocks((count + kBlock - 1) / kBlock);
    for (int64_t i = 0; i < static_cast<int64_t>(blocks.size()) * kBlock; ++i) {
        Block& block = blocks[i / kBlock];
        const int64_t at = i % kBlock;
        const bool live = i < count;
        const int32_t row = order[live ? i : count - 1];
        const float* point = xyz.row(row);
        block.x[at] = point[0];
        block.y[at] = point[1];
        block.z[at] = point[2];
        block.row[at] = row;
        block.nearest[at] = live ? std::numeric_limits<float>::infinity() : -1.0f;
        for (int a = 0; a < 3; ++a) {
            block.low[a] = at == 0 ? point[a] : std::min(block.low[a], point[a]);
            block.high[a] = at == 0 ? point[a] : std::max(block.high[a], point[a]);
        }
    }
    return blocks;
}

void check_sizes(const FarthestPointsParams& p) {
    const SizeCheck check("farthest_points");
    const Side N(p.xyz.size[0], "N"), K(p.index.size[0], "K");
    check("xyz", p.xyz, {N, 3});
    check("index", p.index, {K});
    check.rows("xyz", N.size);
    check.range("K, the rows of index,", K.size, 0, N.size);
    if (K.size > 0) check.range("first", p.first, 0, N.size - 1);
}

}  // namespace

// Where a new point is farther from a block than each of its points is from one chosen before,
// nothing changes there: nearly every block is passed by (buckets as in Han et al., QuickFPS,
// 2023).
void farthest_points(const FarthestPointsParams& p) {
    check_sizes(p);
    if (p.index.size[0] == 0) return;
    auto choose = choose_portable;
#if defined(__x86_64__)
    if (has_avx2_fma()) choose = choose_avx2;
#endif
    const std::vector<int32_t> order = spatial_order(p.xyz);
    std::vector<int32_t> place(order.size());
    for (size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<int32_t>(i);
    std::vector<Block> blocks = blocks_of(p.xyz, order);
    std::vector<Farthest> farthest(blocks.size(), {std::numeric_limits<float>::infinity(), 0});

    auto chosen = static_cast<int32_t>(p.first);
    for (int64_t k = 0; k < p.index.size[0]; ++k) {
        p.index.data[k] = chosen;
        const float* q = p.xyz.row(chosen);
        const int64_t own = place[chosen] / kBlock;
        blocks[own].nearest[place[chosen] % kBlock] = -1.0f;
        Farthest best{-1.0f, 0};
        for (int64_t b = 0; b < static_cast<int64_t>(blocks.size()); ++b) {
            if (k == 0 || b == own || blocks[b].gap(q) < farthest[b].distance)
                farthest[b] = choose(blocks[b], q);
            const Farthest& here = farthest[b];
            if (here.distance > best.distance ||
                (here.distance == best.distance && here.row < best.row))
                best = here;
        }
        chosen = best.row;
    }
}

}  // namespace pdengine
