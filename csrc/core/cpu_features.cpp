#include "core/cpu_features.h"

#include <atomic>

namespace pdengine {

static std::atomic<Simd> limit{Simd::avx512};

static bool allowed(Simd simd) {
    return limit.load(std::memory_order_relaxed) >= simd;
}

bool has_avx2_fma() {
#if defined(__x86_64__)
    static const bool yes = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return yes && allowed(Simd::avx2);
#else
    return false;
#endif
}

bool has_avx512() {
#if defined(__x86_64__)
    static const bool yes = __builtin_cpu_supports("avx512f");
    return yes && allowed(Simd::avx512);
#else
    return false;
#endif
}

void limit_simd(Simd widest) {
    limit.store(widest);
}

Simd simd() {
    if (has_avx512()) return Simd::avx512;
    return has_avx2_fma() ? Simd::avx2 : Simd::portable;
}

}  // namespace pdengine
