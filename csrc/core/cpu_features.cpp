#include "core/cpu_features.h"

#include <atomic>

namespace pdengine {

static std::atomic<bool> portable_only{false};

bool has_avx2_fma() {
#if defined(__x86_64__)
    static const bool yes = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return yes && !portable_only.load(std::memory_order_relaxed);
#else
    return false;
#endif
}

void force_portable(bool portable) {
    portable_only.store(portable);
}

}  // namespace pdengine
