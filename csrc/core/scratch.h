// Memory of one call.
#pragma once

#include <cstdint>
#include <memory>
#include <new>

namespace pdengine {

// Bytes of a cache line, and of the widest register.
constexpr int64_t kLine = 64;

struct FreeScratch {
    void operator()(void* data) const { ::operator delete[](data, std::align_val_t{kLine}); }
};
template <typename T>
using Scratch = std::unique_ptr<T[], FreeScratch>;

// It is written before it is read: a vector would fill it with zeros first.  Its rows begin with a
// line of the cache where they are whole lines: what malloc gives begins 16 bytes into one, and a
// vector that lies across two takes longer (point_head: 8 % of its time).
template <typename T>
Scratch<T> scratch(int64_t count) {
    return Scratch<T>(
        static_cast<T*>(::operator new[](count * sizeof(T), std::align_val_t{kLine})));
}

// So many values and what is missing to the end of a line: what follows begins with one.
template <typename T>
constexpr int64_t whole_lines(int64_t count) {
    constexpr int64_t line = kLine / sizeof(T);
    return (count + line - 1) / line * line;
}

}  // namespace pdengine
