#include <algorithm>
#include <vector>

#include "core/check_size.h"
#include "core/parallel.h"
#include "core/radix_sort.h"
#include "kernel_map/kernel_map.h"

namespace pdengine {
namespace {

// One number per voxel that sorts like (x, y, z).  21 bits an axis hold a coordinate of 20 bits and
// a tap's step, so a step in space is the addition of a constant.
uint64_t key_of(int32_t x, int32_t y, int32_t z) {
    constexpr int32_t kBias = 1 << 20;
    return (static_cast<uint64_t>(x + kBias) << 42) | (static_cast<uint64_t>(y + kBias) << 21) |
           static_cast<uint64_t>(z + kBias);
}

void check_sizes(const SubmanifoldMapParams& p) {
    const SizeCheck check("submanifold_map");
    check.odd("kernel", p.kernel, 7);
    const Side M(p.coords.size[0], "M"), T(p.kernel * p.kernel * p.kernel, "T");
    check("coords", p.coords, {M, 3});
    check("forward", p.forward, {M, T});
    check("backward", p.backward, {M, T});
    check.rows("coords", M.size);
}

void check_sizes(const StrideMapParams& p) {
    const SizeCheck check("stride_map");
    const Side M(p.coords.size[0], "M");
    check("coords", p.coords, {M, 3});
    check("coarse", p.coarse, {M, 3});
    check("forward", p.forward, {M, 8});
    check("backward", p.backward, {M, 8});
    check.rows("coords", M.size);
}

}  // namespace

void submanifold_map(const SubmanifoldMapParams& params, int threads) {
    check_sizes(params);
    const int64_t rows = params.coords.size[0];
    const int kernel = params.kernel, reach = kernel / 2, taps = kernel * kernel * kernel;
    std::vector<uint64_t> keys(rows);
    for (int64_t i = 0; i < rows; ++i) {
        const int32_t* c = params.coords.row(i);
        keys[i] = key_of(c[0], c[1], c[2]);
    }

    // Sorted keys stay sorted when a constant is added, so the neighbours of consecutive voxels in
    // one (dx, dy) column are found by walking forward: no hash table.
    const auto range = [&](int64_t begin, int64_t end) {
        std::fill(params.forward.row(begin), params.forward.row(end), -1);
        std::fill(params.backward.row(begin), params.backward.row(end), -1);
        for (int column = 0; column < kernel * kernel; ++column) {
            const int64_t dx = column / kernel - reach, dy = column % kernel - reach;
            const int64_t step = dx * (int64_t{1} << 42) + dy * (int64_t{1} << 21) - reach;
            int64_t at =
                std::lower_bound(keys.begin(), keys.end(), keys[begin] + step) - keys.begin();
            for (int64_t m = begin; m < end; ++m) {
                const uint64_t lowest = keys[m] + step;
                while (at < rows && keys[at] < lowest) ++at;
                for (int64_t i = at; i < rows && keys[i] - lowest < static_cast<uint64_t>(kernel);
                     ++i) {
                    const int tap = column * kernel + static_cast<int>(keys[i] - lowest);
                    params.forward.row(m)[tap] = static_cast<int32_t>(i);
                    // i feeds m through tap, so m is fed by its neighbour through the opposite one.
                    params.backward.row(m)[taps - 1 - tap] = static_cast<int32_t>(i);
                }
            }
        }
    };
    parallel_for(rows, threads_for(rows * taps, threads), range, kManyShares);
}

int64_t stride_map(const StrideMapParams& params) {
    check_sizes(params);
    const int64_t rows = params.coords.size[0];
    if (rows == 0) return 0;
    int32_t low[3], high[3];
    int bits[3];
    for (int a = 0; a < 3; ++a) {
        low[a] = INT32_MAX;
        high[a] = INT32_MIN;
        for (int64_t i = 0; i < rows; ++i) {
            low[a] = std::min(low[a], params.coords.row(i)[a] >> 1);
            high[a] = std::max(high[a], params.coords.row(i)[a] >> 1);
        }
        bits[a] = bit_width(static_cast<uint64_t>(high[a] - low[a]));
    }
    std::vector<KeyedRow> items(rows);
    for (int64_t i = 0; i < rows; ++i) {
        uint64_t key = 0;
        for (int a = 0; a < 3; ++a)
            key = (key << bits[a]) | static_cast<uint32_t>((params.coords.row(i)[a] >> 1) - low[a]);
        items[i] = {key, i};
    }
    radix_sort(items, bits[0] + bits[1] + bits[2]);

    std::fill(params.backward.row(0), params.backward.row(rows), -1);
    int64_t voxels = 0;
    for (int64_t i = 0; i < rows; ++i) {
        const int64_t fine = items[i].row;
        const int32_t* c = params.coords.row(fine);
        if (i == 0 || items[i].key != items[i - 1].key) {
            for (int a = 0; a < 3; ++a) params.coarse.row(voxels)[a] = c[a] >> 1;
            std::fill_n(params.forward.row(voxels), 8, -1);
            ++voxels;
        }
        const int tap = (c[0] & 1) * 4 + (c[1] & 1) * 2 + (c[2] & 1);
        params.forward.row(voxels - 1)[tap] = static_cast<int32_t>(fine);
        params.backward.row(fine)[tap] = static_cast<int32_t>(voxels - 1);
    }
    return voxels;
}

}  // namespace pdengine
