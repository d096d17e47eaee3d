#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "core/check_size.h"
#include "core/cpu_features.h"
#include "core/large_pages.h"
#include "core/parallel.h"
#include "label_components/label_components.h"
#include "label_components/view_runs.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pdengine {
namespace {

namespace portable {

// Bit i: a[i] and b[i] are equal.
inline uint64_t equal64(const int32_t* a, const int32_t* b) {
    uint64_t bits = 0;
    for (int i = 0; i < 64; ++i) bits |= uint64_t{a[i] == b[i]} << i;
    return bits;
}

// Bit i: a[i] is negative.
inline uint64_t negative64(const int32_t* a) {
    uint64_t bits = 0;
    for (int i = 0; i < 64; ++i) bits |= uint64_t{a[i] < 0} << i;
    return bits;
}

inline int32_t set_bits(uint64_t bits) {
    return __builtin_popcountll(bits);
}

// label[i] = run[how many of the bits 1 .. i are set].
inline void spread8(const int32_t* run, uint64_t starts, int32_t* label) {
    label[0] = *run;
    for (int i = 1; i < 8; ++i) label[i] = *(run += starts >> i & 1);
}

#define PDENGINE_TARGET
#include "label_components/runs.h"
#undef PDENGINE_TARGET

}  // namespace portable

#if defined(__x86_64__)
#define PDENGINE_TARGET __attribute__((target("avx2,popcnt")))

namespace avx2 {

PDENGINE_TARGET inline __m256i load(const int32_t* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

// The signs of 32 numbers.  Packing works on halves of registers, which the permutation undoes.
PDENGINE_TARGET inline uint64_t signs(__m256i a, __m256i b, __m256i c, __m256i d) {
    const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_permutevar8x32_epi32(bytes, order)));
}

PDENGINE_TARGET inline uint64_t negative64(const int32_t* a) {
    return signs(load(a), load(a + 8), load(a + 16), load(a + 24)) |
           signs(load(a + 32), load(a + 40), load(a + 48), load(a + 56)) << 32;
}

PDENGINE_TARGET inline __m256i equal8(const int32_t* a, const int32_t* b) {
    return _mm256_cmpeq_epi32(load(a), load(b));
}

PDENGINE_TARGET inline uint64_t equal32(const int32_t* a, const int32_t* b) {
    return signs(equal8(a, b), equal8(a + 8, b + 8), equal8(a + 16, b + 16),
                 equal8(a + 24, b + 24));
}

PDENGINE_TARGET inline uint64_t equal64(const int32_t* a, const int32_t* b) {
    return equal32(a, b) | equal32(a + 32, b + 32) << 32;
}

PDENGINE_TARGET inline int32_t set_bits(uint64_t bits) {
    return static_cast<int32_t>(_mm_popcnt_u64(bits));
}

// Lane i of entry b: how many of the bits 0 .. i - 1 of b are set.
constexpr auto kSetBelow = [] {
    std::array<std::array<uint8_t, 8>, 128> table{};
    for (int b = 0; b < 128; ++b)
        for (int i = 1; i < 8; ++i)
            table[b][i] = static_cast<uint8_t>(table[b][i - 1] + (b >> (i - 1) & 1));
    return table;
}();

// Reads kReadBeyond runs, whatever the starts.
PDENGINE_TARGET inline void spread8(const int32_t* run, uint64_t starts, int32_t* label) {
    const auto* table = reinterpret_cast<const __m128i*>(kSetBelow[starts >> 1].data());
    const __m256i lane = _mm256_cvtepu8_epi32(_mm_loadl_epi64(table));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(label),
                        _mm256_permutevar8x32_epi32(load(run), lane));
}

#include "label_components/runs.h"

}  // namespace avx2
#undef PDENGINE_TARGET
#endif

struct Passes {
    void (*mark)(ViewRuns&, const int32_t* classes);
    void (*join)(ViewRuns&, const int32_t* classes);
    void (*write)(ViewRuns&, const int32_t* classes, int64_t base, ComponentList&, int32_t* label);
};

Passes passes() {
#if defined(__x86_64__)
    if (has_avx2_fma()) return {avx2::mark_view, avx2::join_view, avx2::write_view};
#endif
    return {portable::mark_view, portable::join_view, portable::write_view};
}

std::vector<int64_t> zeros(int64_t count) {
    std::vector<int64_t> values;
    values.reserve(count);
    use_large_pages(values.data(), count * sizeof(int64_t));
    values.resize(count);
    return values;
}

void check_sizes(const ComponentsParams& p) {
    const SizeCheck check("label_components");
    const Side V(p.classes.size[0], "V"), H(p.classes.size[1], "H"), W(p.classes.size[2], "W");
    check("classes", p.classes, {V, H, W});
    check("label", p.label, {V, H, W});
    check.range("W, the columns of classes,", W.size, 0, INT32_MAX / std::max<int64_t>(H.size, 1));
}

}  // namespace

ComponentList label_components_cpu(const ComponentsParams& p, int threads) {
    check_sizes(p);
    const int64_t views = p.classes.size[0], height = p.classes.size[1], width = p.classes.size[2];
    const Passes pass = passes();
    use_large_pages(p.label.data, p.label.count() * sizeof(int32_t));
    threads = threads_for(p.classes.count() / 2, threads);

    const int64_t words = (width + kWord - 1) / kWord;
    const std::unique_ptr<uint64_t[]> starts(new uint64_t[views * height * words]);
    const std::unique_ptr<int32_t[]> first(new int32_t[views * (height + 1)]);
    std::vector<ViewRuns> runs(views);
    parallel_each(views, threads, [&](int64_t v) {
        runs[v] = {static_cast<int32_t>(height),
                   static_cast<int32_t>(width),
                   static_cast<int32_t>(words),
                   &starts[v * height * words],
                   &first[v * (height + 1)],
                   nullptr,
                   0};
        pass.mark(runs[v], p.classes.row(v));
    });

    int64_t count = 0;
    for (const ViewRuns& view : runs) count += view.count() + kReadBeyond;
    const std::unique_ptr<int32_t[]> parent(new int32_t[count]);
    use_large_pages(parent.get(), count * sizeof(int32_t));
    int32_t* room = parent.get();
    for (ViewRuns& view : runs) {
        view.parent = room;
        room += view.count() + kReadBeyond;
    }
    parallel_each(views, threads, [&](int64_t v) { pass.join(runs[v], p.classes.row(v)); });

    std::vector<int64_t> base(views + 1, 0);
    for (int64_t v = 0; v < views; ++v) base[v + 1] = base[v] + runs[v].components;
    ComponentList list{zeros(base[views]), zeros(base[views]), zeros(base[views])};
    parallel_each(views, threads, [&](int64_t v) {
        std::fill(list.view.begin() + base[v], list.view.begin() + base[v + 1], v);
        pass.write(runs[v], p.classes.row(v), base[v], list, p.label.row(v));
    });
    return list;
}

}  // namespace pdengine
