#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>

#include "core/check_size.h"
#include "core/parallel.h"
#include "core/seen_points.h"
#include "lift_pixels/lift_pixels.h"

namespace pdengine {
namespace {

// What one layer's points see.
struct Hits {
    std::unique_ptr<int32_t[]> unit;   // [count]
    std::unique_ptr<int32_t[]> point;  // [count] ascending
    int64_t count = 0;
    int32_t lowest = -1;  // over -1 and all ids that points see
    int32_t highest = -1;
};

Hits look_up(const SeenPoints& seen, const int32_t* regions) {
    Hits hits;
    hits.unit.reset(new int32_t[seen.count]);
    hits.point.reset(new int32_t[seen.count]);
    for (int64_t i = 0; i < seen.count; ++i) {
        const int32_t unit = regions[seen.pixel[i]];
        hits.unit[hits.count] = unit;
        hits.point[hits.count] = seen.point[i];
        hits.count += unit >= 0;
        hits.lowest = std::min(hits.lowest, unit);
        hits.highest = std::max(hits.highest, unit);
    }
    return hits;
}

void lower(std::atomic<int64_t>& least, int64_t value) {
    int64_t before = least.load();
    while (value < before && !least.compare_exchange_weak(before, value)) {
    }
}

void check_sizes(const LiftPixelsParams& p) {
    const SizeCheck check("lift_pixels");
    const Side V(p.pixel.size[0], "V"), N(p.pixel.size[1], "N"), L(p.regions.size[0], "L");
    check("pixel", p.pixel, {V, N});
    check("regions", p.regions, {L, p.regions.size[1], p.regions.size[2]});
    check("view", p.view, {L});
    check.range("N, the columns of pixel,", N.size, 0, INT32_MAX);
    check.image(L, p.regions.size[1], p.regions.size[2]);
    check.range("count", p.count, 0, INT32_MAX);
}

}  // namespace

Rows lift_pixels_cpu(const LiftPixelsParams& p, int threads) {
    check_sizes(p);
    const int64_t layers = p.regions.size[0], points = p.pixel.size[1];
    threads = threads_for((p.pixel.size[0] + 2 * layers) * points, threads);
    const std::vector<SeenPoints> seen = seen_points(p.pixel, p.view, threads);

    std::vector<Hits> hits(layers);
    parallel_each(layers, threads,
                  [&](int64_t l) { hits[l] = look_up(seen[p.view.data[l]], p.regions.row(l)); });
    int32_t lowest = -1, highest = -1;
    for (const Hits& layer : hits) {
        lowest = std::min(lowest, layer.lowest);
        highest = std::max(highest, layer.highest);
    }
    if (lowest < -1 || highest >= p.count)
        throw std::invalid_argument("regions must be in [-1, " + std::to_string(p.count) +
                                    ") where points see them, got " + std::to_string(lowest) +
                                    " to " + std::to_string(highest));

    // The first layer that claims a unit counts it alone, so that no two threads share a counter.
    std::vector<std::atomic<int32_t>> owner(p.count);
    std::vector<int64_t> count(p.count, 0);
    std::atomic<int64_t> shared{p.count};
    for (auto& layer : owner) layer.store(-1, std::memory_order_relaxed);
    parallel_each(layers, threads, [&](int64_t l) {
        for (int64_t i = 0; i < hits[l].count; ++i) {
            const int32_t unit = hits[l].unit[i];
            int32_t layer = owner[unit].load(std::memory_order_relaxed);
            if (layer == -1 && owner[unit].compare_exchange_strong(layer, static_cast<int32_t>(l)))
                layer = static_cast<int32_t>(l);
            if (layer == l)
                ++count[unit];
            else
                lower(shared, unit);
        }
    });
    if (shared < p.count)
        throw std::invalid_argument("regions must have each unit in one layer, unit " +
                                    std::to_string(shared.load()) + " is in several");

    Rows out(count);
    std::vector<int64_t> next(out.offsets.begin(), out.offsets.end() - 1);
    parallel_each(layers, threads, [&](int64_t l) {
        for (int64_t i = 0; i < hits[l].count; ++i)
            out.value[next[hits[l].unit[i]]++] = hits[l].point[i];
    });
    return out;
}

}  // namespace pdengine
