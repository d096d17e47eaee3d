// How the CUDA library is entered: extern "C" functions that take one struct of pointers and sizes
// and a stream, and return a cudaError_t.  Included by the library and by its caller, which knows
// no CUDA.
#pragma once

#define PDENGINE_CUDA_API extern "C" __attribute__((visibility("default")))

// 0 when a device is here.
PDENGINE_CUDA_API int pdengine_cuda_ready();
// 0 when this library holds code that the device runs; makes it the current one.
PDENGINE_CUDA_API int pdengine_cuda_runs_on(int device);
PDENGINE_CUDA_API int pdengine_cuda_use_device(int device);
PDENGINE_CUDA_API const char* pdengine_cuda_error(int error);
