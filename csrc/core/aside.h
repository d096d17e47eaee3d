// Work that nobody waits for: another thread does it beside the caller, who ends with what is left.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "core/parallel.h"

namespace pdengine {

class Aside {
  public:
    void add(std::function<void()> task) {
        {
            std::lock_guard<std::mutex> guard(lock_);
            tasks_.push_back(std::move(task));
        }
        wake_.notify_one();
    }

    // Calls run(), which adds tasks, and every task, on two threads or one.  What they throw is
    // thrown here.
    template <typename Run>
    void beside(const Run& run, int threads) {
        parallel_for(2, std::min(threads, 2), [&](int64_t begin, int64_t) {
            if (begin == 0) {
                const Closing closing{*this};  // else who works would wait for ever
                run();
            }
            work();
        });
    }

  private:
    struct Closing {
        Aside& aside;
        ~Closing() {
            std::lock_guard<std::mutex> guard(aside.lock_);
            aside.closed_ = true;
            aside.wake_.notify_all();
        }
    };

    // Takes tasks until there is none and none comes any more.
    void work() {
        while (true) {
            std::unique_lock<std::mutex> guard(lock_);
            wake_.wait(guard, [&] { return next_ < tasks_.size() || closed_; });
            if (next_ == tasks_.size()) return;
            const auto task = std::move(tasks_[next_++]);
            guard.unlock();
            task();
        }
    }

    std::mutex lock_;
    std::condition_variable wake_;
    std::vector<std::function<void()>> tasks_;
    std::size_t next_ = 0;  // the first that nobody has taken
    bool closed_ = false;   // none is added any more
};

}  // namespace pdengine
