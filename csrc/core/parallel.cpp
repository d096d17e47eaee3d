#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <thread>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace pdengine {
namespace {

// One call.  A helper may look at it after the call has returned, and finds no range left.
struct Job {
    int64_t ranges;
    void (*run)(const void*, int64_t);
    const void* body;

    std::atomic<int64_t> next{0};  // the first range that nobody has begun
    std::mutex lock;
    std::condition_variable ended;
    int64_t unfinished;
    std::exception_ptr failure;

    Job(int64_t ranges, void (*run)(const void*, int64_t), const void* body)
        : ranges(ranges), run(run), body(body), unfinished(ranges) {}

    void work() {
        int64_t finished = 0;
        std::exception_ptr thrown;
        for (int64_t i; (i = next++) < ranges; ++finished) {
            try {
                run(body, i);
            } catch (...) {
                thrown = std::current_exception();
            }
        }
        if (finished == 0) return;
        std::lock_guard<std::mutex> guard(lock);
        if (thrown) failure = thrown;
        unfinished -= finished;
        if (unfinished == 0) ended.notify_one();
    }
};

// Sleeping threads and the calls that want them.  Waking one takes 10 us of the caller's time, and
// it begins 20 us later; a new thread begins after 20 us or, when another process holds a core,
// after milliseconds, which joining it has to wait for (measured: 27 us, one in ten over 3 ms).
class Helpers {
  public:
    void offer(const std::shared_ptr<Job>& job, int helpers) {
        std::lock_guard<std::mutex> guard(lock_);
        while (started_ < helpers && start()) ++started_;
        try {
            for (int i = 0; i < std::min(helpers, started_); ++i) wanted_.push_back(job);
        } catch (const std::bad_alloc&) {  // fewer come: the caller must not leave those that do
        }
        wanted_.size() == 1 ? wake_.notify_one() : wake_.notify_all();
    }

    // Nobody need come any more.
    void withdraw(const std::shared_ptr<Job>& job) {
        std::lock_guard<std::mutex> guard(lock_);
        wanted_.erase(std::remove(wanted_.begin(), wanted_.end(), job), wanted_.end());
    }

  private:
    bool start() {
        try {
            std::thread([this] { help(); }).detach();
            return true;
        } catch (const std::exception&) {  // the system has no thread left: one less, not the end
            return false;
        }
    }

    [[noreturn]] void help() {
        while (true) {
            std::shared_ptr<Job> job;
            {
                std::unique_lock<std::mutex> guard(lock_);
                wake_.wait(guard, [this] { return !wanted_.empty(); });
                job = std::move(wanted_.front());
                wanted_.pop_front();
            }
            job->work();
        }
    }

    std::mutex lock_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<Job>> wanted_;  // once for each helper that may come
    int started_ = 0;
};

// The helpers of this process, never destroyed: they sleep until it ends.
std::atomic<Helpers*> own{nullptr};

Helpers& helpers() {
    Helpers* found = own;
    if (found != nullptr) return *found;
    auto fresh = std::make_unique<Helpers>();
    return own.compare_exchange_strong(found, fresh.get()) ? *fresh.release() : *found;
}

#if defined(__unix__) || defined(__APPLE__)
// A fork has none of its parent's threads, and finds locks as they were: it begins anew.
[[maybe_unused]] const int forgets = pthread_atfork(nullptr, nullptr, [] { own = nullptr; });
#endif

}  // namespace

void run_ranges(int64_t ranges, int helping, void (*run)(const void*, int64_t), const void* body) {
    const auto job = std::make_shared<Job>(ranges, run, body);
    helpers().offer(job, helping);
    job->work();
    helpers().withdraw(job);
    std::unique_lock<std::mutex> guard(job->lock);
    job->ended.wait(guard, [&] { return job->unfinished == 0; });
    if (job->failure) std::rethrow_exception(job->failure);
}

}  // namespace pdengine
