// Threads for one call: the caller and helpers that sleep between calls.  A helper that the system
// does not run in time costs nothing: the caller takes its ranges, and waits only for ranges that
// have begun.  Nothing spins, and a small call wakes nobody.
#pragma once

#include <algorithm>
#include <cstdint>

namespace pdengine {

// How many threads `work` (in units of about one nanosecond) is worth, at most `limit`.
inline int threads_for(int64_t work, int limit) {
    constexpr int64_t kWorkPerThread = 300'000;
    return static_cast<int>(std::clamp<int64_t>(work / kWorkPerThread, 1, std::max(limit, 1)));
}

// Calls run(body, i) for each i in [0, ranges), on the caller and up to `helpers` other threads.
void run_ranges(int64_t ranges, int helpers, void (*run)(const void* body, int64_t range),
                const void* body);

// Where a range costs little to begin, so many of them a thread: then the threads end together.
constexpr int64_t kManyShares = 8;

// Calls body(begin, end) on contiguous ranges that cover [0, count): `shares` of them a thread. The
// ranges depend on the thread count: a body must give each item the same result in any range.  What
// a body throws is thrown here, once nobody works on the call any more.
template <typename Body>
void parallel_for(int64_t count, int threads, const Body& body, int64_t shares = 1) {
    const int64_t ranges = std::min(count, threads * shares);
    if (threads <= 1 || ranges <= 1) {
        if (count > 0) body(int64_t{0}, count);
        return;
    }
    const auto range = [&](int64_t i) { body(count * i / ranges, count * (i + 1) / ranges); };
    run_ranges(
        ranges, static_cast<int>(std::min<int64_t>(threads, ranges)) - 1,
        [](const void* self, int64_t i) { (*static_cast<const decltype(range)*>(self))(i); },
        &range);
}

// Calls body(i) for each i in [0, count): for few items, which may take unequal time.
template <typename Body>
void parallel_each(int64_t count, int threads, const Body& body) {
    const auto range = [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) body(i);
    };
    parallel_for(count, threads, range, kManyShares);
}

}  // namespace pdengine
