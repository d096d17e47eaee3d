// What the processor and the GPU both compile.  CPU code and CUDA code are built without fused
// multiply-adds, so that a body that both share rounds the same on both.
#pragma once

#ifdef __CUDACC__
#define PDENGINE_HOST_DEVICE __host__ __device__
#else
#define PDENGINE_HOST_DEVICE
#endif
