// Connected components of maps of classes.
#pragma once

#include <vector>

#include "../core/api.h"
#include "../core/tensor_view.h"

namespace pdengine {

struct ComponentsParams {
    TensorView<const int32_t, 3> classes;  // [V, H, W] negative: background
    TensorView<int32_t, 3> label;          // [V, H, W] out: component, -1 background
};

// One entry per component, in raster order of their first pixels over all views.
struct ComponentList {
    std::vector<int64_t> view;    // [K]
    std::vector<int64_t> class_;  // [K]
    std::vector<int64_t> size;    // [K] pixels
};

PDENGINE_API ComponentList label_components_cpu(const ComponentsParams& p, int threads);

}  // namespace pdengine
