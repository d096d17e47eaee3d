// What this processor can do, asked at run time: one binary runs everywhere.
#pragma once

namespace pdengine {

bool has_avx2_fma();

// Hide the processor's extensions, so that a test can reach the portable code anywhere.
void force_portable(bool portable);

}  // namespace pdengine
