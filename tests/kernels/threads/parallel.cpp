// core/parallel.h and core/aside.h by themselves: every item once, errors at the caller, calls
// inside calls.
#include "core/parallel.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/aside.h"

using pdengine::Aside;
using pdengine::parallel_each;
using pdengine::parallel_for;

static bool every_item_is_met_once() {
    for (int64_t count : {0, 1, 2, 7, 1000})
        for (int threads : {0, 1, 2, 5})
            for (int64_t shares : {1, 3, 8}) {
                std::vector<std::atomic<int>> met(count);
                const auto body = [&](int64_t begin, int64_t end) {
                    for (int64_t i = begin; i < end; ++i) ++met[i];
                };
                parallel_for(count, threads, body, shares);
                for (const auto& times : met)
                    if (times != 1) return false;
            }
    return true;
}

static bool an_error_arrives_when_nobody_works_any_more() {
    std::atomic<int> working{0}, met{0};
    try {
        parallel_each(64, 3, [&](int64_t i) {
            ++working;
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            --working;
            ++met;
            if (i == 9) throw std::invalid_argument("nine");
        });
    } catch (const std::invalid_argument& error) {
        return std::string(error.what()) == "nine" && working == 0 && met == 64;
    }
    return false;
}

static bool a_call_inside_a_call_ends() {
    std::atomic<int> met{0};
    parallel_each(6, 3, [&](int64_t) { parallel_each(6, 3, [&](int64_t) { ++met; }); });
    return met == 36;
}

static bool others_help_and_are_kept() {
    std::set<std::thread::id> seen;
    std::mutex lock;
    for (int call = 0; call < 200; ++call)
        parallel_each(8, 3, [&](int64_t) {
            std::this_thread::sleep_for(std::chrono::microseconds(100));
            std::lock_guard<std::mutex> guard(lock);
            seen.insert(std::this_thread::get_id());
        });
    return seen.size() >= 2 && seen.size() <= 4 + 1;  // this one, and as many as any call asked for
}

// Other threads begin calls all the time, so a fork finds their locks in any state.
static bool a_fork_amid_calls_can_call() {
    std::atomic<bool> ended{false};
    std::vector<std::thread> callers;
    for (int i = 0; i < 3; ++i)
        callers.emplace_back([&] {
            while (!ended) parallel_each(4, 3, [](int64_t) {});
        });
    bool well = true;
    for (int i = 0; i < 40; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(30);  // ends it where it waits for ever
            std::atomic<int> met{0};
            parallel_each(6, 3, [&](int64_t) { ++met; });
            _exit(met == 6 ? 0 : 1);
        }
        int status = 1;
        well = waitpid(child, &status, 0) == child && status == 0 && well;
    }
    ended = true;
    for (std::thread& caller : callers) caller.join();
    return well;
}

// The caller adds tasks slowly, so that who works aside waits for them, and fast.
static bool every_task_is_done_once() {
    for (int threads : {1, 2, 5})
        for (int pause : {0, 100}) {
            std::vector<std::atomic<int>> met(50);
            bool ran = false;
            Aside aside;
            aside.beside(
                [&] {
                    for (auto& times : met) {
                        aside.add([&times] { ++times; });
                        std::this_thread::sleep_for(std::chrono::microseconds(pause));
                    }
                    ran = true;
                },
                threads);
            for (const auto& times : met)
                if (times != 1 || !ran) return false;
        }
    return true;
}

// Where it is thrown, by a task or between them; what was added goes or is dropped, and none hangs.
static bool an_error_aside_arrives() {
    int arrived = 0;
    for (int threads : {1, 2})
        for (bool within : {false, true}) {
            std::atomic<int> working{0};
            Aside aside;
            try {
                aside.beside(
                    [&] {
                        for (int i = 0; i < 20; ++i)
                            aside.add([&, i] {
                                ++working;
                                std::this_thread::sleep_for(std::chrono::microseconds(50));
                                --working;
                                if (within && i == 3) throw std::invalid_argument("three");
                            });
                        if (!within) throw std::invalid_argument("between");
                    },
                    threads);
            } catch (const std::invalid_argument& error) {
                arrived += std::string(error.what()) == (within ? "three" : "between");
                arrived -= working;
            }
        }
    return arrived == 4;
}

int main() {
    const bool well = every_item_is_met_once() && an_error_arrives_when_nobody_works_any_more() &&
                      every_task_is_done_once() && an_error_aside_arrives() &&
                      a_call_inside_a_call_ends() && others_help_and_are_kept() &&
                      a_fork_amid_calls_can_call();
    std::puts(well ? "parallel" : "something is wrong");
    return well ? 0 : 1;
}
