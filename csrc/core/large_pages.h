// Fresh memory costs a page fault per 4 KiB, 0.2 to 5 us each: as much as computing what goes
// there.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace pdengine {

// Asks for 2 MiB pages inside a large buffer that is about to be written whole.  A hint: it never
// fails and never changes what is stored.  40 MB written for the first time: 50 ms without it, 6 ms
// with it, on a virtual machine with a 6.18 kernel.
inline void use_large_pages(void* data, size_t bytes) {
#if defined(__linux__)
    constexpr uintptr_t kPage = uintptr_t{2} << 20;
    const uintptr_t begin = (reinterpret_cast<uintptr_t>(data) + kPage - 1) / kPage * kPage;
    const uintptr_t end = (reinterpret_cast<uintptr_t>(data) + bytes) / kPage * kPage;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#else
    (void)data;
    (void)bytes;
#endif
}

}  // namespace pdengine
