#include "core/rows.h"

#include "core/large_pages.h"

namespace pdengine {

Rows::Rows(const std::vector<int64_t>& count) : offsets(count.size() + 1) {
    for (size_t k = 0; k < count.size(); ++k) offsets[k + 1] = offsets[k] + count[k];
    value.reset(new int64_t[offsets.back()]);
    use_large_pages(value.get(), offsets.back() * sizeof(int64_t));
}

}  // namespace pdengine
