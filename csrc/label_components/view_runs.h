// One view as runs, and a bit a pixel that says where they begin.
#pragma once

#include <algorithm>
#include <cstdint>

namespace pdengine {

constexpr int32_t kWord = 64;       // pixels whose bits are one number
constexpr int32_t kReadBeyond = 8;  // runs that are read at once, and may lie beyond the last

// One view as runs: pixels of one class side by side in a row.  A bit a pixel says where they
// begin, so that noise costs hardly more than large patches: no loop over a run's pixels, and few
// branches that a processor could only guess.
struct ViewRuns {
    int32_t height, width;
    int32_t words;     // of a row
    uint64_t* starts;  // [H, words] bit x: a run begins at pixel x
    int32_t* first;    // [H + 1]    number of each row's first run
    // [runs + kReadBeyond] An earlier run of the same component or the run itself; later: the
    // component, -1 for background.  A component is known by its first run: parents only ever point
    // back.
    int32_t* parent;
    int64_t components;

    int64_t count() const { return first[height]; }
    int32_t pixels(int32_t word) const { return std::min(kWord, width - word * kWord); }

    int32_t root(int32_t i) const {
        // Most parents are roots: a step that is always taken is never guessed wrong.
        for (i = parent[i]; parent[i] != i;) i = parent[i] = parent[parent[i]];
        return i;
    }

    void join(int32_t a, int32_t b) {
        const int32_t one = root(a), other = root(b);
        parent[std::max(one, other)] = parent[a] = parent[b] = std::min(one, other);
    }
};

}  // namespace pdengine
