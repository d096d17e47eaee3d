// Compressed rows as the lifts return them: row k holds value[offsets[k] .. offsets[k + 1]].
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/large_pages.h"

namespace pdengine {

struct Rows {
    std::vector<int64_t> offsets;      // [K + 1]
    std::unique_ptr<int64_t[]> value;  // [M]

    // Turns the counts of K rows into offsets, and makes room for the values.
    explicit Rows(const std::vector<int64_t>& count) : offsets(count.size() + 1) {
        for (size_t k = 0; k < count.size(); ++k) offsets[k + 1] = offsets[k] + count[k];
        value.reset(new int64_t[offsets.back()]);
        use_large_pages(value.get(), offsets.back() * sizeof(int64_t));
    }
};

}  // namespace pdengine
