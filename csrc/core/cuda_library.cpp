#include "core/cuda_library.h"

#include <mutex>
#include <stdexcept>

#if defined(__linux__)
#include <dlfcn.h>
#include <unistd.h>
#endif

namespace pdengine {
namespace {

struct Library {
    void* handle = nullptr;
    bool emulated = false;
    std::string reason;  // why handle is null
};

std::mutex lock;
Library* library = nullptr;  // never closed: its kernels may still run

#if defined(__linux__)
// Beside this module.
std::string default_path() {
    Dl_info module;
    if (dladdr(reinterpret_cast<void*>(&default_path), &module) == 0) return "";
    const std::string path = module.dli_fname;
    return path.substr(0, path.rfind('/') + 1) + "libpdengine_cuda.so";
}

Library* open(const std::string& path, bool emulated) {
    auto* found = new Library;
    found->emulated = emulated;
    if (access(path.c_str(), R_OK) != 0) {
        found->reason = "this build of pdengine has no CUDA library (built without nvcc)";
        return found;
    }
    found->handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (found->handle == nullptr)
        found->reason = std::string("the CUDA library cannot be opened: ") + dlerror();
    return found;
}

void* symbol(const Library& from, const char* name) {
    void* found = dlsym(from.handle, name);
    if (found == nullptr)
        throw std::runtime_error(std::string("the CUDA library has no function ") + name);
    return found;
}
#else
std::string default_path() {
    return "";
}

Library* open(const std::string&, bool) {
    auto* found = new Library;
    found->reason = "pdengine has its CUDA library on Linux alone";
    return found;
}

void* symbol(const Library&, const char*) {
    return nullptr;
}
#endif

Library& current() {
    std::lock_guard<std::mutex> guard(lock);
    if (library == nullptr) library = open(default_path(), false);
    return *library;
}

template <typename Function>
Function function(const char* name) {
    return reinterpret_cast<Function>(cuda_function(name));
}

std::string said(int error) {
    return function<decltype(&pdengine_cuda_error)>("pdengine_cuda_error")(error);
}

}  // namespace

void open_cuda_library(const std::string& path, bool emulated) {
    Library* found = open(path.empty() ? default_path() : path, emulated);
    std::lock_guard<std::mutex> guard(lock);
    library = found;
}

bool cuda_emulated() {
    return current().emulated;
}

void* cuda_function(const char* name) {
    const Library& from = current();
    if (from.handle == nullptr) throw std::runtime_error(from.reason);
    return symbol(from, name);
}

std::string cuda_reason(int device) {
    const Library& from = current();
    if (from.handle == nullptr) return from.reason;
    if (const int error = function<decltype(&pdengine_cuda_ready)>("pdengine_cuda_ready")())
        return "no CUDA device answers: " + said(error);
    if (const int error =
            function<decltype(&pdengine_cuda_runs_on)>("pdengine_cuda_runs_on")(device))
        return "CUDA device " + std::to_string(device) +
               " cannot run the CUDA library: " + said(error);
    return "";
}

void use_cuda_device(const char* op, int device) {
    check_cuda(op,
               function<decltype(&pdengine_cuda_use_device)>("pdengine_cuda_use_device")(device));
}

void check_cuda(const char* op, int error) {
    if (error == 0) return;
    throw std::runtime_error(std::string(op) + ": " + said(error));
}

}  // namespace pdengine
