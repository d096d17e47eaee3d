#include <algorithm>

#include "core/check_size.h"
#include "core/radix_sort.h"
#include "voxelize/voxelize.h"

namespace pdengine {
namespace {

// floor without the library call that a plain x86-64 build makes of it.
inline int32_t floor_int(float x) {
    const auto truncated = static_cast<int32_t>(x);
    return truncated - (x < static_cast<float>(truncated));
}

void check_sizes(const VoxelizeParams& p) {
    const SizeCheck check("voxelize");
    const Side N(p.xyz.size[0], "N");
    check("xyz", p.xyz, {N, 3});
    check("coords", p.coords, {N, 3});
    check("voxel", p.voxel, {N});
    check("count", p.count, {N});
}

}  // namespace

int64_t voxelize(const VoxelizeParams& params) {
    check_sizes(params);
    const int64_t points = params.xyz.size[0];
    if (points == 0) return 0;
    int32_t low[3] = {INT32_MAX, INT32_MAX, INT32_MAX}, high[3] = {INT32_MIN, INT32_MIN, INT32_MIN};
    for (int64_t i = 0; i < points; ++i)
        for (int a = 0; a < 3; ++a) {
            const int32_t c = floor_int((params.xyz.data[i * 3 + a] - params.origin) / params.size);
            params.coords.data[i * 3 + a] = c;
            low[a] = std::min(low[a], c);
            high[a] = std::max(high[a], c);
        }

    // Keys relative to the lowest corner: as few bits, and so as few passes, as the grid needs.
    int bits[3];
    for (int a = 0; a < 3; ++a) bits[a] = bit_width(static_cast<uint64_t>(high[a] - low[a]));
    std::vector<KeyedRow> items(points);
    for (int64_t i = 0; i < points; ++i) {
        uint64_t key = 0;
        for (int a = 0; a < 3; ++a)
            key = (key << bits[a]) | static_cast<uint32_t>(params.coords.data[i * 3 + a] - low[a]);
        items[i] = {key, i};
    }
    radix_sort(items, bits[0] + bits[1] + bits[2]);

    int64_t voxels = 0;
    for (int64_t i = 0; i < points; ++i) {
        if (i == 0 || items[i].key != items[i - 1].key) {
            uint64_t key = items[i].key;
            for (int a = 2; a >= 0; --a) {
                const auto offset = static_cast<int32_t>(key & ((uint64_t{1} << bits[a]) - 1));
                params.coords.data[voxels * 3 + a] = low[a] + offset;
                key >>= bits[a];
            }
            params.count.data[voxels++] = 0;
        }
        ++params.count.data[voxels - 1];
        params.voxel.data[items[i].row] = voxels - 1;
    }
    return voxels;
}

}  // namespace pdengine
