// The points that one view sees, without those it does not: a third of them, as a rule.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/large_pages.h"
#include "core/parallel.h"
#include "core/tensor_view.h"

namespace pdengine {

struct SeenPoints {
    std::unique_ptr<int32_t[]> point;  // [count] ascending
    std::unique_ptr<int32_t[]> pixel;  // [count] row * W + col
    int64_t count = 0;
};

// The seen points of the views that are named, and nothing for the others.
inline std::vector<SeenPoints> seen_points(TensorView<const int32_t, 2> pixel,  // [V, N] -1 unseen
                                           TensorView<const int64_t, 1> views, int threads) {
    const int64_t points = pixel.size[1];
    std::vector<SeenPoints> seen(pixel.size[0]);
    std::vector<char> wanted(seen.size(), 0);
    for (int64_t i = 0; i < views.size[0]; ++i) wanted[views.data[i]] = 1;
    parallel_each(static_cast<int64_t>(seen.size()), threads, [&](int64_t v) {
        if (!wanted[v]) return;
        // Left uninitialised on purpose: pages that no point reaches are never touched.
        SeenPoints& out = seen[v];
        for (auto* part : {&out.point, &out.pixel}) {
            part->reset(new int32_t[points]);
            use_large_pages(part->get(), points * sizeof(int32_t));
        }
        const int32_t* at = pixel.row(v);
        int64_t count = 0;
        for (int64_t n = 0; n < points; ++n) {
            out.point[count] = static_cast<int32_t>(n);
            out.pixel[count] = at[n];
            count += at[n] >= 0;
        }
        out.count = count;
    });
    return seen;
}

}  // namespace pdengine
