// Compressed rows as the lifts return them: row k holds value[offsets[k] .. offsets[k + 1]].
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace pdengine {

struct Rows {
    std::vector<int64_t> offsets;      // [K + 1]
    std::unique_ptr<int64_t[]> value;  // [M]

    // Turns the counts of K rows into offsets, and makes room for the values.
    explicit Rows(const std::vector<int64_t>& count);
};

}  // namespace pdengine
