#include <algorithm>

#include "core/cpu_features.h"
#include "core/large_pages.h"
#include "core/parallel.h"
#include "label_components/label_components.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pdengine {
namespace {

// Pixels of one class side by side in a row.
struct Run {
    int32_t begin, end;  // columns
    int32_t class_;
    int32_t parent;  // an earlier run of the same component or itself; later: the component
};

// One view as runs.  A component is known by its first run: parents only ever point back.
struct ViewRuns {
    std::vector<Run> run;        // in raster order, background left out
    std::vector<int64_t> first;  // [H + 1] of each row
    int64_t components = 0;

    int32_t root(int32_t i) {
        while (run[i].parent != i) {
            run[i].parent = run[run[i].parent].parent;
            i = run[i].parent;
        }
        return i;
    }

    void join(int32_t a, int32_t b) {
        a = root(a);
        b = root(b);
        run[std::max(a, b)].parent = std::min(a, b);
    }

    void add(int32_t begin, int32_t end, int32_t class_) {
        if (class_ >= 0) run.push_back({begin, end, class_, static_cast<int32_t>(run.size())});
    }
};

void add_row_from(ViewRuns& runs, const int32_t* row, int32_t x, int32_t width, int32_t begin) {
    for (; x < width; ++x) {
        if (row[x] == row[x - 1]) continue;
        runs.add(begin, x, row[begin]);
        begin = x;
    }
    runs.add(begin, width, row[begin]);
}

void add_row(ViewRuns& runs, const int32_t* row, int32_t width) {
    add_row_from(runs, row, 1, width, 0);
}

#if defined(__x86_64__)
// Eight pixels are compared with their left neighbours at once: most rows have few changes.
__attribute__((target("avx2"))) void add_row_avx2(ViewRuns& runs, const int32_t* row,
                                                  int32_t width) {
    int32_t begin = 0, x = 1;
    for (; x + 8 <= width; x += 8) {
        const __m256i here = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + x));
        const __m256i left = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + x - 1));
        const __m256 same = _mm256_castsi256_ps(_mm256_cmpeq_epi32(here, left));
        for (int changed = ~_mm256_movemask_ps(same) & 0xff; changed; changed &= changed - 1) {
            const int32_t at = x + __builtin_ctz(changed);
            runs.add(begin, at, row[begin]);
            begin = at;
        }
    }
    add_row_from(runs, row, x, width, begin);
}
#endif

// Joins the runs of one row with those of the row above that touch them, corners included.
void join_rows(ViewRuns& runs, int64_t above, int64_t here, int64_t end) {
    for (int64_t i = here, first = above; i < end; ++i) {
        const Run run = runs.run[i];
        while (first < here && runs.run[first].end < run.begin) ++first;
        for (int64_t j = first; j < here && runs.run[j].begin <= run.end; ++j)
            if (runs.run[j].class_ == run.class_)
                runs.join(static_cast<int32_t>(j), static_cast<int32_t>(i));
    }
}

void find_runs(ViewRuns& runs, const int32_t* classes, int64_t height, int64_t width) {
    auto add = add_row;
#if defined(__x86_64__)
    if (has_avx2_fma()) add = add_row_avx2;
#endif
    runs.first.resize(height + 1);
    for (int64_t y = 0; y < height; ++y) {
        add(runs, classes + y * width, static_cast<int32_t>(width));
        runs.first[y + 1] = static_cast<int64_t>(runs.run.size());
        if (y > 0) join_rows(runs, runs.first[y - 1], runs.first[y], runs.first[y + 1]);
    }
    // A root comes before the runs that point to it, so one pass turns parents into components.
    for (size_t i = 0; i < runs.run.size(); ++i) {
        const int32_t parent = runs.run[i].parent;
        runs.run[i].parent = parent == static_cast<int32_t>(i)
                                 ? static_cast<int32_t>(runs.components++)
                                 : runs.run[parent].parent;
    }
}

}  // namespace

ComponentList label_components_cpu(const ComponentsParams& p, int threads) {
    const int64_t views = p.classes.size[0], height = p.classes.size[1], width = p.classes.size[2];
    use_large_pages(p.label.data, p.label.count() * sizeof(int32_t));
    threads = threads_for(p.classes.count() / 2, threads);
    std::vector<ViewRuns> runs(views);
    parallel_for(views, threads, [&](int64_t begin, int64_t end) {
        for (int64_t v = begin; v < end; ++v) find_runs(runs[v], p.classes.row(v), height, width);
    });

    std::vector<int64_t> base(views + 1, 0);
    for (int64_t v = 0; v < views; ++v) base[v + 1] = base[v] + runs[v].components;
    ComponentList list{std::vector<int64_t>(base[views]), std::vector<int64_t>(base[views]),
                       std::vector<int64_t>(base[views], 0)};
    parallel_for(views, threads, [&](int64_t begin, int64_t end) {
        for (int64_t v = begin; v < end; ++v) {
            int32_t* label = p.label.row(v);
            for (int64_t y = 0; y < height; ++y, label += width) {
                int32_t x = 0;
                for (int64_t i = runs[v].first[y]; i < runs[v].first[y + 1]; ++i) {
                    const Run& run = runs[v].run[i];
                    const int64_t component = base[v] + run.parent;
                    std::fill(label + x, label + run.begin, -1);
                    std::fill(label + run.begin, label + run.end, static_cast<int32_t>(component));
                    list.view[component] = v;
                    list.class_[component] = run.class_;
                    list.size[component] += run.end - run.begin;
                    x = run.end;
                }
                std::fill(label + x, label + width, -1);
            }
        }
    });
    return list;
}

}  // namespace pdengine
