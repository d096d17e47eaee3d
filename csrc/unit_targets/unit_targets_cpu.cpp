#include <algorithm>
#include <vector>

#include "core/check_size.h"
#include "core/parallel.h"
#include "unit_targets/unit_targets.h"

namespace pdengine {
namespace {

template <typename T>
void check_sizes(const UnitTargetsParams<T>& p) {
    const SizeCheck check("unit_targets");
    const Side K(p.label.size[0], "K"), M(p.point.size[0], "M"), R(p.class_weight.size[0], "R");
    check("label", p.label, {K});
    check("score", p.score, {K});
    check("point", p.point, {M});
    check("class_weight", p.class_weight, {R});
    check("targets", p.targets, {p.targets.size[0], R});
    // without a unit nobody reads them
    if (K.size > 0) check.offsets(p.offsets, {K.size + 1, "K + 1"}, M);
}

}  // namespace

template <typename T>
void unit_targets(const UnitTargetsParams<T>& params, int threads) {
    check_sizes(params);
    const int64_t units = params.label.size[0], points = params.targets.size[0];
    const int64_t parts = params.targets.size[1];
    const int64_t work = 3 * params.point.size[0] + points * parts;

    // A thread owns a range of points and walks all units in order, so every sum has one order.
    const auto range = [&](int64_t begin, int64_t end) {
        std::fill(params.targets.row(begin), params.targets.row(end), T(0));
        std::vector<int32_t> covering(end - begin, 0);
        for (int64_t k = 0; k < units; ++k) {
            const int64_t* first = params.point.data + params.offsets.data[k];
            const int64_t* last = params.point.data + params.offsets.data[k + 1];
            const T score = params.score.data[k];
            T* column = params.targets.data + params.label.data[k];
            for (first = std::lower_bound(first, last, begin); first < last && *first < end;
                 ++first) {
                column[*first * parts] += score;
                ++covering[*first - begin];
            }
        }
        for (int64_t n = begin; n < end; ++n) {
            const T cover = static_cast<T>(std::max(covering[n - begin], 1));
            T* row = params.targets.row(n);
            for (int64_t c = 0; c < parts; ++c)
                row[c] = row[c] * params.class_weight.data[c] / cover;
        }
    };
    // A few ranges: each looks up where it begins in every unit.
    parallel_for(points, threads_for(work, threads), range, 4);
}

template void unit_targets(const UnitTargetsParams<float>&, int);
template void unit_targets(const UnitTargetsParams<double>&, int);

}  // namespace pdengine
