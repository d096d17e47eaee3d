// What this processor can do, asked at run time: one binary runs everywhere.
#pragma once

namespace pdengine {

bool has_avx2_fma();

}  // namespace pdengine
