// CUDA for a machine without a GPU: enough of cuda_runtime.h that csrc/*/*_cuda.cu compile with g++
// and run on the CPU.  Every thread is a fiber with a stack of its own.  Up to 1,024 of them are
// under way at a time, and at each atomic or uncached access the next is drawn by lot: what a
// kernel gets wrong when threads meet shows here too.  Memory is weak: until the launch ends an
// uncached read may see what an atomic or an uncached write has replaced.  What a GPU refuses or a
// compiler may do anything with ends the process: addresses that are not aligned, sums of integers
// that overflow (conftest.py compiles so), numbers that fit no int, lanes that wait for one that
// has left.
#pragma once

#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <tuple>
#include <unordered_map>
#include <vector>

#define PDENGINE_LARGEST_GRID_Y 2

#define __global__
#define __device__
#define __host__
#define __grid_constant__
#define __launch_bounds__(...)

using std::max;
using std::min;

enum cudaError_t : int {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorInvalidConfiguration = 9,
    cudaErrorNoDevice = 100,
    cudaErrorInvalidDevice = 101,
};
using cudaStream_t = void*;

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
struct cudaFuncAttributes {};
struct cudaLaunchConfig_t {
    dim3 gridDim, blockDim;
    size_t dynamicSmemBytes;
    cudaStream_t stream;
};

inline thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

inline cudaError_t cudaGetDeviceCount(int* count) {
    return *count = 1, cudaSuccess;
}
inline cudaError_t cudaSetDevice(int device) {
    return device == 0 ? cudaSuccess : cudaErrorInvalidDevice;
}
template <typename Kernel>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes*, Kernel) {
    return cudaSuccess;
}
inline const char* cudaGetErrorString(cudaError_t error) {
    if (error == cudaErrorInvalidDevice) return "invalid device ordinal";
    return error == cudaErrorInvalidValue ? "invalid argument" : "invalid configuration argument";
}
inline cudaError_t cudaMemsetAsync(void* data, int value, size_t bytes, cudaStream_t) {
    return std::memset(data, value, bytes), cudaSuccess;
}

namespace emulated {

constexpr int kLanes = 32, kFibers = 1024;
constexpr size_t kStack = 32 << 10;

struct Warp {
    unsigned arrived = 0;
    uint64_t round = 0, given[kLanes], result[kLanes];
};

struct Fiber {
    ucontext_t context;
    dim3 thread, block;
    Warp* warp = nullptr;
    int lane = 0;
    bool done = true;
    std::unique_ptr<char[]> stack{new char[kStack]};
};

inline ucontext_t scheduler;
inline Fiber* running = nullptr;
inline std::function<void()> body;
inline uint64_t lot = 1;

inline uint64_t draw() {  // xorshift64
    lot ^= lot << 13;
    lot ^= lot >> 7;
    return lot ^= lot << 17;
}

// What each address held before the last write of this launch.
inline std::unordered_map<const void*, uint64_t> replaced;

template <typename T>
T write(T* to, T value) {
    const T before = *to;
    std::memcpy(&replaced[to], &before, sizeof before);
    *to = value;
    return before;
}

template <typename T>
T read(const T* from) {
    T value = *from;
    if (draw() % 4 > 0) return value;
    if (const auto old = replaced.find(from); old != replaced.end())
        std::memcpy(&value, &old->second, sizeof value);
    return value;
}

inline void enter() {
    body();
    running->done = true;
    swapcontext(&running->context, &scheduler);
}

// Lets another thread go first.
inline void step_back() {
    swapcontext(&running->context, &scheduler);
    threadIdx = running->thread;
    blockIdx = running->block;
}

inline void maybe_step_back() {
    if (draw() % 4 == 0) step_back();
}

// Every lane of the mask gives a value and sees those of the others.
inline const uint64_t* meet(unsigned mask, uint64_t value) {
    Warp& warp = *running->warp;
    warp.given[running->lane] = value;
    warp.arrived |= 1u << running->lane;
    if (warp.arrived == mask) {
        std::copy(warp.given, warp.given + kLanes, warp.result);
        warp.arrived = 0;
        ++warp.round;
        return warp.result;
    }
    const uint64_t round = warp.round;
    for (int waited = 0; warp.round == round; step_back())
        if (++waited > 10'000'000) std::fputs("a lane of the warp never comes\n", stderr), abort();
    return warp.result;
}

inline void run(const cudaLaunchConfig_t& config) {
    static std::vector<Fiber> fibers(kFibers);
    const dim3 grid = config.gridDim, block = config.blockDim;
    const int threads = block.x * block.y * block.z;
    const int64_t blocks = int64_t{grid.x} * grid.y * grid.z;
    const int together = std::max(1, kFibers / threads);
    gridDim = grid;
    blockDim = block;
    replaced.clear();
    for (int64_t first = 0; first < blocks; first += together) {
        const int live = static_cast<int>(std::min<int64_t>(together, blocks - first)) * threads;
        std::vector<Warp> warps((live + kLanes - 1) / kLanes);
        std::vector<Fiber*> waiting;
        for (int i = 0; i < live; ++i) {
            Fiber& fiber = fibers[i];
            const int64_t b = first + i / threads;
            const unsigned t = i % threads;
            fiber.thread = dim3(t % block.x, t / block.x % block.y, t / (block.x * block.y));
            fiber.block = dim3(b % grid.x, b / grid.x % grid.y, b / (int64_t{grid.x} * grid.y));
            fiber.warp = &warps[i / kLanes];
            fiber.lane = i % kLanes;
            fiber.done = false;
            getcontext(&fiber.context);
            fiber.context.uc_stack.ss_sp = fiber.stack.get();
            fiber.context.uc_stack.ss_size = kStack;
            fiber.context.uc_link = nullptr;
            makecontext(&fiber.context, enter, 0);
            waiting.push_back(&fiber);
        }
        while (!waiting.empty()) {
            const size_t at = draw() % waiting.size();
            running = waiting[at];
            threadIdx = running->thread;
            blockIdx = running->block;
            swapcontext(&scheduler, &running->context);
            if (running->done) waiting[at] = waiting.back(), waiting.pop_back();
        }
    }
}

}  // namespace emulated

template <typename... Params, typename... Args>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Params...),
                               Args... args) {
    const dim3 grid = config->gridDim, block = config->blockDim;
    if (grid.x == 0 || grid.x > INT32_MAX || grid.y == 0 || grid.y > 65535 || grid.z == 0 ||
        grid.z > 65535 || block.x * block.y * block.z > 1024)
        return cudaErrorInvalidConfiguration;
    std::tuple<Params...> given(args...);
    emulated::body = [&] { std::apply(kernel, given); };
    emulated::run(*config);
    return cudaSuccess;
}

template <typename T>
T __ldcg(const T* from) {
    emulated::maybe_step_back();
    const T value = emulated::read(from);
    return emulated::maybe_step_back(), value;  // others write before the caller can
}
template <typename T>
void __stcg(T* to, T value) {
    emulated::maybe_step_back(), emulated::write(to, value);
}

template <typename T>
T atomicMin(T* at, T value) {
    return emulated::maybe_step_back(), emulated::write(at, std::min(*at, value));
}
template <typename T>
T atomicAdd(T* at, T value) {
    return emulated::maybe_step_back(), emulated::write<T>(at, *at + value);
}
template <typename T>
T atomicCAS(T* at, T expected, T value) {
    return emulated::maybe_step_back(), emulated::write(at, *at == expected ? value : *at);
}

inline unsigned __ballot_sync(unsigned mask, bool yes) {
    const uint64_t* given = emulated::meet(mask, yes);
    unsigned votes = 0;
    for (int lane = 0; lane < emulated::kLanes; ++lane)
        if (mask >> lane & 1 && given[lane]) votes |= 1u << lane;
    return votes;
}
inline int __shfl_up_sync(unsigned mask, int value, int delta) {
    const uint64_t* given = emulated::meet(mask, static_cast<uint32_t>(value));
    const int lane = emulated::running->lane;
    return static_cast<int>(given[lane < delta ? lane : lane - delta]);
}

template <typename T>
T __shfl_sync(unsigned mask, T value, int lane) {
    return static_cast<T>(emulated::meet(mask, static_cast<uint64_t>(value))[lane]);
}
inline unsigned __match_any_sync(unsigned mask, unsigned value) {
    const uint64_t* given = emulated::meet(mask, value);
    unsigned same = 0;
    for (int lane = 0; lane < emulated::kLanes; ++lane)
        if (mask >> lane & 1 && given[lane] == value) same |= 1u << lane;
    return same;
}

inline unsigned long long __shfl_xor_sync(unsigned mask, unsigned long long value, int other) {
    return emulated::meet(mask, value)[emulated::running->lane ^ other];
}

inline float __fadd_rn(float a, float b) {
    return a + b;
}
inline float __fsub_rn(float a, float b) {
    return a - b;
}
inline float __fmul_rn(float a, float b) {
    return a * b;
}
inline float __fdiv_rn(float a, float b) {
    return a / b;
}
// What no int holds becomes another number on a GPU than on a CPU: no kernel may ask for it.
inline int whole(float a) {
    if (!(a >= -0x1p31f && a < 0x1p31f)) std::fputs("no int is that large\n", stderr), abort();
    return static_cast<int>(a);
}
inline int __float2int_rd(float a) {
    return whole(std::floor(a));
}
inline int __float2int_rn(float a) {
    return whole(std::nearbyint(a));
}
inline unsigned __float_as_uint(float a) {
    unsigned u;
    return std::memcpy(&u, &a, 4), u;
}
inline float __uint_as_float(unsigned a) {
    float f;
    return std::memcpy(&f, &a, 4), f;
}
inline int __clz(int a) {
    return a == 0 ? 32 : __builtin_clz(static_cast<unsigned>(a));
}
inline int __popc(unsigned a) {
    return __builtin_popcount(a);
}
inline int __ffs(int a) {
    return __builtin_ffs(a);
}
