// The CUDA library from the side of its caller: opened at the first use, so that importing never
// needs a driver, and known by the names of its functions alone.
#pragma once

#include <string>

#include "core/cuda_api.h"

namespace pdengine {

// Why no CUDA kernel can run on a device, in one sentence; empty when they can.  Makes the device
// current.
std::string cuda_reason(int device);

// Takes another file for the library.  emulated: its kernels run on the CPU, on memory of the CPU.
void open_cuda_library(const std::string& path, bool emulated);
bool cuda_emulated();

// The function of that name.  Throws std::runtime_error where the library is not there.
void* cuda_function(const char* name);

// Makes the device current and throws std::runtime_error, which names the op, where error is one.
void use_cuda_device(const char* op, int device);
void check_cuda(const char* op, int error);

// Runs a function of the library.  Run: its type, so that both sides agree on the struct.
template <typename Run, typename Params>
void run_cuda(const char* op, const char* name, const Params& params, int device, void* stream) {
    const auto run = reinterpret_cast<Run>(cuda_function(name));
    use_cuda_device(op, device);
    check_cuda(op, run(&params, stream));
}

// run_cuda for a function that is declared: PDENGINE_RUN_CUDA("knn", pdengine_knn, params, ...).
#define PDENGINE_RUN_CUDA(op, function, ...) \
    ::pdengine::run_cuda<decltype(&function)>(op, #function, __VA_ARGS__)

}  // namespace pdengine
