#include <cuda_runtime.h>

#include "core/cuda_api.h"

// Asked for its attributes alone: they exist when the device can run what this library holds.
__global__ void probe() {}

int pdengine_cuda_ready() {
    int devices = 0;
    if (const cudaError_t error = cudaGetDeviceCount(&devices)) return error;
    return devices == 0 ? cudaErrorNoDevice : cudaSuccess;
}

int pdengine_cuda_runs_on(int device) {
    if (const cudaError_t error = cudaSetDevice(device)) return error;
    cudaFuncAttributes attributes;
    return cudaFuncGetAttributes(&attributes, probe);
}

int pdengine_cuda_use_device(int device) {
    return cudaSetDevice(device);
}

const char* pdengine_cuda_error(int error) {
    return cudaGetErrorString(static_cast<cudaError_t>(error));
}
