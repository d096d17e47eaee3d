#include <algorithm>
#include <atomic>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "core/check_size.h"
#include "core/parallel.h"
#include "superpoints/choose.h"
#include "superpoints/edges.h"
#include "superpoints/points.h"
#include "superpoints/regions.h"
#include "superpoints/superpoints.h"

namespace pdengine {
namespace {

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

// Which old regions make up each new one.
struct Members {
    std::vector<int32_t> begin, member;

    Members(const std::vector<int32_t>& region, int64_t count)
        : begin(count + 1), member(region.size()) {
        for (const int32_t r : region) ++begin[r + 1];
        std::partial_sum(begin.begin(), begin.end(), begin.begin());
        std::vector<int32_t> next(begin.begin(), begin.end() - 1);
        for (size_t r = 0; r < region.size(); ++r)
            member[next[region[r]]++] = static_cast<int32_t>(r);
    }
};

// The regions after a round, still without neighbours.
Regions sum_up(const Regions& old, const Members& members, int64_t count, int64_t columns,
               int threads) {
    Regions merged(count, columns);
    int64_t entries = 0;
    for (int64_t m = 0; m < count; ++m) {
        merged.start[m] = entries;
        for (int32_t at = members.begin[m]; at < members.begin[m + 1]; ++at)
            entries += old.degree[members.member[at]];
    }
    parallel_for(count, threads, [&](int64_t begin, int64_t end) {
        for (int64_t m = begin; m < end; ++m) {
            merged.first[m] = std::numeric_limits<int32_t>::max();
            for (int32_t at = members.begin[m]; at < members.begin[m + 1]; ++at) {
                const int32_t r = members.member[at];
                merged.size[m] += old.size[r];
                merged.first[m] = std::min(merged.first[m], old.first[r]);
                for (int64_t c = 0; c < columns; ++c)
                    merged.total[m * columns + c] += old.total[r * columns + c];
            }
        }
    });
    return merged;
}

// The row of a new region, from those of its old ones: every region once, and not itself.  Returns
// how many there are; `place` holds -1 for every region, before and after.
template <typename Weight>
int32_t merge_rows(const Regions& old, const Neighbour<Weight>* neighbours, const int32_t* member,
                   int32_t members, const int32_t* region, int32_t self, Neighbour<Weight>* row,
                   int32_t* place, int64_t& heaviest) {
    const int64_t* start = old.start.data();
    const int32_t* degrees = old.degree.data();
    Neighbour<Weight> within;
    int32_t degree = 0;
    int64_t most = heaviest;
    for (int32_t i = 0; i < members; ++i) {
        const Neighbour<Weight>* from = neighbours + start[member[i]];
        const Neighbour<Weight>* end = from + degrees[member[i]];
        for (; from < end; ++from) {
            // No branches: which neighbours are one by now cannot be foretold.
            const int32_t now = region[from->region];
            const int32_t seen = place[now];
            const bool fresh = seen < 0, inside = now == self;
            const int32_t at = fresh ? degree : seen;
            Neighbour<Weight>* to = inside ? &within : row + at;
            const int64_t heavy = int64_t{from->weight} + (fresh ? 0 : to->weight);
            most = std::max(most, heavy);
            *to = {static_cast<Weight>(heavy), now};
            place[now] = inside ? -1 : at;
            degree += fresh & !inside;
        }
    }
    heaviest = most;
    for (int32_t a = 0; a < degree; ++a) place[row[a].region] = -1;
    return degree;
}

// The regions between two rounds.
template <typename Weight>
struct Rounds {
    const SuperpointsParams& p;
    int64_t columns;
    Regions regions;
    Buffer<Neighbour<Weight>> neighbours, other;
    std::vector<int32_t> choice;  // of a neighbour, or -1
    std::atomic<bool> fits{true};

    // What describes the regions, for those who choose one.
    About described(int threads) const {
        About about(regions.count, columns);
        parallel_for(regions.count, threads, [&](int64_t begin, int64_t end) {
            for (int64_t r = begin; r < end; ++r) about.describe(regions, r, columns);
        });
        return about;
    }

    void choose(bool filling, int threads) {
        const About about = described(threads);
        const Chooser<Weight> chooser(p, filling);
        choice.resize(regions.count);
        parallel_for(regions.count, threads, [&](int64_t begin, int64_t end) {
            for (int64_t r = begin; r < end; ++r)
                choice[r] = chooser(about, regions, neighbours.at(regions.start[r]), r);
        });
    }

    // Merges and chooses: a row of neighbours is in the cache once it is written.
    void merge(const std::vector<int32_t>& region, int64_t count, bool filling, int threads) {
        const Members members(region, count);
        const Regions old =
            std::exchange(regions, sum_up(regions, members, count, columns, threads));
        const About about = described(threads);
        const Chooser<Weight> chooser(p, filling);
        choice.resize(count);
        parallel_for(count, threads, [&](int64_t begin, int64_t end) {
            std::vector<int32_t> place(count, -1);
            int64_t heaviest = 0;
            for (int64_t m = begin; m < end; ++m) {
                Neighbour<Weight>* row = other.at(regions.start[m]);
                const int32_t from = members.begin[m];
                regions.degree[m] =
                    merge_rows(old, neighbours.at(0), members.member.data() + from,
                               members.begin[m + 1] - from, region.data(), static_cast<int32_t>(m),
                               row, place.data(), heaviest);
                choice[m] = chooser(about, regions, row, m);
            }
            if (heaviest > std::numeric_limits<Weight>::max()) fits = false;
        });
        std::swap(neighbours, other);
    }
};

// False where the edges between two regions weigh more than Weight holds; then nothing is written.
template <typename Weight>
bool partition(const SuperpointsParams& p, const Points& points, int threads) {
    const int64_t count = points.count, columns = points.columns;
    const int many = threads_for(count * points.width * (20 + columns), threads);
    Rounds<Weight> now{p,
                       columns,
                       Regions(count, columns),
                       Buffer<Neighbour<Weight>>(0),
                       Buffer<Neighbour<Weight>>(0),
                       {}};
    if (!single_points(points, now.regions, now.neighbours, many)) return false;
    const auto entries = [&] { return now.regions.start.back() + now.regions.degree.back(); };
    now.other = Buffer<Neighbour<Weight>>(entries() + kPast);

    now.choose(false, many);
    std::vector<std::vector<int32_t>> rounds;  // the new number of every region
    for (bool filling = false;;) {
        const int some = threads_for(entries() * (10 + columns), threads);
        std::vector<int32_t> region;
        const int64_t left = join(now.regions, now.choice, filling, region);
        if (left == now.regions.count) {
            if (filling) break;
            filling = true;
            now.choose(filling, some);
            continue;
        }
        now.merge(region, left, filling, some);
        if (!now.fits) return false;
        rounds.push_back(std::move(region));
    }

    std::vector<int32_t> last(now.regions.count);
    std::iota(last.begin(), last.end(), 0);
    for (auto round = rounds.rbegin(); round != rounds.rend(); ++round) {
        for (int32_t& region : *round) region = last[region];
        last.swap(*round);
    }
    for (int64_t i = 0; i < count; ++i) p.label.data[points.row[i]] = last[i];
    std::vector<int64_t> name(now.regions.count, -1);
    int64_t next = 0;
    for (int64_t i = 0; i < count; ++i) {
        int64_t& label = p.label.data[i];
        if (name[label] < 0) name[label] = next++;
        label = name[label];
    }
    return true;
}

void check_sizes(const SuperpointsParams& p) {
    const SizeCheck check("superpoints");
    const Side N(p.positions.size[0], "N"), C(p.features.size[1], "C"), k(p.graph.size[1], "k");
    check("positions", p.positions, {N, 3});
    check("features", p.features, {N, C});
    check("graph", p.graph, {N, k});
    check("label", p.label, {N});
    check.rows("positions", N.size);
    constexpr int64_t kListed = (int64_t{1} << 32) - 1;  // entries of the graph, at most
    if (N.size > 0) check.range("k, the columns of graph,", k.size, 0, kListed / N.size);
}

}  // namespace

void superpoints_cpu(const SuperpointsParams& p, int threads) {
    check_sizes(p);
    const int64_t count = p.positions.size[0];
    if (count == 0) return;
    const int64_t listed = count * p.graph.size[1];
    const Points points = gather(p, threads_for(listed * (30 + p.features.size[1]), threads));
    if (!partition<int32_t>(p, points, threads)) partition<int64_t>(p, points, threads);
}

}  // namespace pdengine
