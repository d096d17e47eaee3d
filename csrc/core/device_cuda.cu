#include <cuda_runtime.h>

#include "core/cuda_api.h"

// Asked for its attributes alone: they exist when a device can run what this library holds.
__global__ void probe() {}

int pdengine_cuda_ready() {
    int devices = 0;
    if (const cudaError_t error = cudaGetDeviceCount(&devices)) return error;
    if (devices == 0) return cudaErrorNoDevice;
    cudaFuncAttributes attributes;
    return cudaFuncGetAttributes(&attributes, probe);
}

int pdengine_cuda_use_device(int device) {
    return cudaSetDevice(device);
}

const char* pdengine_cuda_error(int error) {
    return cudaGetErrorString(static_cast<cudaError_t>(error));
}
