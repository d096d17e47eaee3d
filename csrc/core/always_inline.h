// For a body that is compiled for several instruction sets: it becomes part of each caller, in the
// caller's set.
#pragma once

#define PDENGINE_INLINE inline __attribute__((always_inline))

// A function that is part of its caller passes no vectors: how they would be passed is no matter.
#pragma GCC diagnostic ignored "-Wpsabi"
