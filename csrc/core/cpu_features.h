// What this processor can do, asked at run time: one binary runs everywhere.
#pragma once

#include "api.h"

namespace pdengine {

// For the kernels alone; others ask simd().
bool has_avx2_fma();
bool has_avx512();  // the foundation, whose registers are 64 bytes wide

// The widest extension that the kernels may use, so that a test can reach every path on a machine
// that has them all.
enum class Simd { portable, avx2, avx512 };
PDENGINE_API void limit_simd(Simd widest);
PDENGINE_API Simd simd();  // the widest that the kernels use

}  // namespace pdengine
