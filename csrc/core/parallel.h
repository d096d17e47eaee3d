// Threads for one call.  They are started for the call and joined before it returns: nothing spins,
// and a small call starts none.  A pool would save 20 us a thread, but its barrier waits a whole
// time slice (8-48 ms) when another process holds the core.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace pdengine {

// How many threads `work` (in units of about one nanosecond) is worth, at most `limit`.
inline int threads_for(int64_t work, int limit) {
    constexpr int64_t kWorkPerThread = 500'000;
    return static_cast<int>(std::clamp<int64_t>(work / kWorkPerThread, 1, std::max(limit, 1)));
}

// Calls body(begin, end) on contiguous ranges that cover [0, count), one range per thread.  The
// ranges depend on the thread count: a body must give each item the same result in any range.
template <typename Body>
void parallel_for(int64_t count, int threads, const Body& body) {
    threads = static_cast<int>(std::min<int64_t>(threads, count));
    if (threads <= 1) {
        if (count > 0) body(int64_t{0}, count);
        return;
    }
    std::exception_ptr failure;
    std::mutex failure_lock;
    auto run = [&](int64_t begin, int64_t end) {
        try {
            body(begin, end);
        } catch (...) {
            std::lock_guard<std::mutex> guard(failure_lock);
            failure = std::current_exception();
        }
    };
    std::vector<std::thread> workers;
    workers.reserve(threads - 1);
    for (int t = 1; t < threads; ++t) {
        const int64_t begin = count * t / threads, end = count * (t + 1) / threads;
        try {
            workers.emplace_back(run, begin, end);
        } catch (const std::exception&) {  // the system has no thread left: one less, not the end
            run(begin, end);
        }
    }
    run(0, count / threads);
    for (auto& worker : workers) worker.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace pdengine
