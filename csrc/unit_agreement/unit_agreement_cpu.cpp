#include <algorithm>

#include "core/check_size.h"
#include "core/parallel.h"
#include "unit_agreement/unit_agreement.h"

namespace pdengine {
namespace {

void check_sizes(const UnitAgreementParams& p) {
    const SizeCheck check("unit_agreement");
    const Side K(p.label.size[0], "K"), M(p.point.size[0], "M");
    check("label", p.label, {K});
    check("point", p.point, {M});
    check("prediction", p.prediction, {p.prediction.size[0]});
    check("agreement", p.agreement, {K});
    // without a unit nobody reads them
    if (K.size > 0) check.offsets(p.offsets, {K.size + 1, "K + 1"}, M);
}

}  // namespace

void unit_agreement(const UnitAgreementParams& params, int threads) {
    check_sizes(params);
    const int64_t units = params.label.size[0];
    const int64_t work = 2 * params.point.size[0] + units;
    const auto range = [&](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; ++k) {
            const int64_t first = params.offsets.data[k], last = params.offsets.data[k + 1];
            int64_t hits = 0;
            for (int64_t m = first; m < last; ++m)
                hits += params.prediction.data[params.point.data[m]] == params.label.data[k];
            const auto size = static_cast<double>(std::max<int64_t>(last - first, 1));
            params.agreement.data[k] = static_cast<float>(static_cast<double>(hits) / size);
        }
    };
    parallel_for(units, threads_for(work, threads), range, kManyShares);
}

}  // namespace pdengine
