#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "core/parallel.h"
#include "superpoints/points.h"
#include "superpoints/regions.h"
#include "superpoints/superpoints.h"

namespace pdengine {
namespace {

// 32 bits that look random, the same for both directions.
inline uint32_t hash(uint32_t one, uint32_t other) {
    uint32_t mixed =
        (std::min(one, other) * 0x9E3779B1u) ^ (std::max(one, other) * 0x85EBCA77u + 0x165667B1u);
    mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6Du;
    mixed = (mixed ^ mixed >> 12) * 0x297A2D39u;
    return mixed ^ mixed >> 15;
}

// An integer that orders like the gain, without the bits that do not count.
inline int32_t rank(float gain) {
    int32_t bits;
    std::memcpy(&bits, &gain, sizeof bits);
    return (bits < 0 ? bits ^ 0x7fffffff : bits) >> kGainBits;
}

// What a gain needs to know of a region: its size, then the mean of each feature.
std::vector<float> describe(const Regions& regions, int64_t columns, int threads) {
    std::vector<float> about(regions.count * (columns + 1));
    parallel_for(regions.count, threads, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
            float* row = about.data() + r * (columns + 1);
            row[0] = static_cast<float>(regions.size[r]);
            const auto steps = static_cast<double>(regions.size[r] * kStep);
            for (int64_t c = 0; c < columns; ++c)
                row[1 + c] =
                    static_cast<float>(static_cast<double>(regions.total[r * columns + c]) / steps);
        }
    });
    return about;
}

// Each region's neighbour of the highest gain, then the lowest hash, then the first; -1 where
// there is none that lowers the energy, or, filling, where the region is large enough.
template <int kColumns>
std::vector<int32_t> choose(const Regions& regions, const Buffer<Neighbour>& neighbours,
                            const SuperpointsParams& p, bool filling, int threads) {
    const int64_t columns = p.features.size[1];
    const std::vector<float> about = describe(regions, columns, threads);
    const int64_t stride = (kColumns < 0 ? columns : kColumns) + 1;
    std::vector<int32_t> choice(regions.count, -1);
    parallel_for(regions.count, threads, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
            if (filling && regions.size[r] >= p.smallest) continue;
            const float* mine = about.data() + r * stride;
            const Neighbour* row = neighbours.at(regions.start[r]);
            int32_t best = 0;
            for (int32_t a = 0; a < regions.degree[r]; ++a) {
                const int32_t other = row[a].region;
                const float* its = about.data() + other * stride;
                const float cut = static_cast<float>(row[a].weight) * (1.0f / kStep);
                const float spread = squared_distance<kColumns>(mine + 1, its + 1, columns) *
                                     (mine[0] * its[0] / (mine[0] + its[0]));
                const float gain = p.regularisation * cut - spread;
                if (!filling && !(gain > 0)) continue;
                const int32_t now = rank(gain);
                if (choice[r] >= 0) {
                    if (now < best) continue;
                    if (now == best) {
                        const int32_t self = regions.first[r], held = regions.first[choice[r]];
                        const int32_t its_first = regions.first[other];
                        const uint32_t old = hash(self, held), fresh = hash(self, its_first);
                        if (fresh > old || (fresh == old && its_first > held)) continue;
                    }
                }
                best = now;
                choice[r] = other;
            }
        }
    });
    return choice;
}

// The new number of every region; returns how many there are.
int64_t join(const Regions& regions, const std::vector<int32_t>& choice, bool filling,
             std::vector<int32_t>& region) {
    region.resize(regions.count);
    std::iota(region.begin(), region.end(), 0);
    const auto root = [&](int32_t r) {
        while (region[r] != r) r = region[r] = region[region[r]];
        return r;
    };
    for (int32_t r = 0; r < regions.count; ++r) {
        const int32_t other = choice[r];
        if (other < 0) continue;
        if (!filling && choice[other] != r && regions.size[other] / kDwarfed < regions.size[r])
            continue;
        const int32_t one = root(r), two = root(other);
        region[std::max(one, two)] = std::min(one, two);
    }
    int32_t next = 0;  // a root is the lowest of its group: those below it are numbered already
    for (int32_t r = 0; r < regions.count; ++r)
        region[r] = region[r] == r ? next++ : region[region[r]];
    return next;
}

// The regions after a round, and their neighbours in `into`, which has room for all that were.
Regions merge(const Regions& old, const Buffer<Neighbour>& neighbours,
              const std::vector<int32_t>& region, int64_t count, int64_t columns,
              const Buffer<Neighbour>& into, int threads) {
    std::vector<int32_t> begins(count + 1), member(old.count);  // old regions by their new number
    for (const int32_t r : region) ++begins[r + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<int32_t> next(begins.begin(), begins.end() - 1);
    for (int32_t r = 0; r < old.count; ++r) member[next[region[r]]++] = r;

    Regions merged(count, columns);
    int64_t entries = 0;
    for (int64_t m = 0; m < count; ++m) {
        merged.start[m] = entries;
        for (int32_t at = begins[m]; at < begins[m + 1]; ++at) entries += old.degree[member[at]];
    }
    parallel_for(count, threads, [&](int64_t begin, int64_t end) {
        std::vector<int32_t> place(count, -1);  // of a neighbour in the row that is being written
        for (int64_t m = begin; m < end; ++m) {
            Neighbour* row = into.at(merged.start[m]);
            int32_t degree = 0;
            merged.first[m] = old.first[member[begins[m]]];
            for (int32_t at = begins[m]; at < begins[m + 1]; ++at) {
                const int32_t r = member[at];
                merged.size[m] += old.size[r];
                merged.first[m] = std::min(merged.first[m], old.first[r]);
                for (int64_t c = 0; c < columns; ++c)
                    merged.total[m * columns + c] += old.total[r * columns + c];
                const Neighbour* from = neighbours.at(old.start[r]);
                for (int32_t a = 0; a < old.degree[r]; ++a) {
                    const int32_t other = region[from[a].region];
                    if (other == m) continue;
                    if (place[other] < 0) {
                        place[other] = degree;
                        row[degree++] = {from[a].weight, other};
                    } else {
                        row[place[other]].weight += from[a].weight;
                    }
                }
            }
            merged.degree[m] = degree;
            for (int32_t a = 0; a < degree; ++a) place[row[a].region] = -1;
        }
    });
    return merged;
}

}  // namespace

void superpoints_cpu(const SuperpointsParams& p, int threads) {
    const int64_t count = p.positions.size[0], columns = p.features.size[1];
    if (count == 0) return;
    const int64_t listed = count * p.graph.size[1];
    const int many = threads_for(listed * (30 + columns), threads);
    const Points points = gather(p, many);
    Buffer<Neighbour> neighbours(0);
    Regions regions = single_points(points, neighbours, many);
    Buffer<Neighbour> other(regions.start[count - 1] + regions.degree[count - 1]);

    std::vector<std::vector<int32_t>> rounds;  // the new number of every region
    for (bool filling = false;;) {
        const int64_t edges = regions.start.back() + regions.degree.back();
        const int some = threads_for(edges * (14 + columns), threads);
        std::vector<int32_t> choice;
        with_columns(columns, [&](auto fixed) {
            choice = choose<fixed()>(regions, neighbours, p, filling, some);
        });
        std::vector<int32_t> region;
        const int64_t left = join(regions, choice, filling, region);
        if (left == regions.count) {
            if (filling) break;
            filling = true;
            continue;
        }
        regions = merge(regions, neighbours, region, left, columns, other, some);
        std::swap(neighbours, other);
        rounds.push_back(std::move(region));
    }

    std::vector<int32_t> last(regions.count);
    std::iota(last.begin(), last.end(), 0);
    for (auto round = rounds.rbegin(); round != rounds.rend(); ++round) {
        for (int32_t& region : *round) region = last[region];
        last.swap(*round);
    }
    for (int64_t i = 0; i < count; ++i) p.label.data[points.row[i]] = last[i];
    std::vector<int64_t> name(regions.count, -1);
    int64_t next = 0;
    for (int64_t i = 0; i < count; ++i) {
        int64_t& label = p.label.data[i];
        if (name[label] < 0) name[label] = next++;
        label = name[label];
    }
}

}  // namespace pdengine
