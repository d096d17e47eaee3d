// The loops over rows of embeddings, compiled for any processor and for the wider ones.  No fused
// multiply-add and sums in one order: all of them give the same bits.
#pragma once

#include <cstring>

#include "core/always_inline.h"
#include "core/cpu_features.h"
#include "core/tensor_view.h"

namespace pdengine::rows {

constexpr int64_t kLanes = 16;

template <typename T>
struct Vectors {
    typedef T Sixteen __attribute__((vector_size(16 * sizeof(T))));
    typedef T Four __attribute__((vector_size(4 * sizeof(T))));
    typedef decltype(Four{} < Four{}) Lanes;  // four integers as wide as T
};
template <typename T>
using Sixteen = typename Vectors<T>::Sixteen;
template <typename T>
using Four = typename Vectors<T>::Four;

template <typename T>
PDENGINE_INLINE Sixteen<T> load(const T* from) {
    Sixteen<T> x;
    std::memcpy(&x, from, sizeof x);
    return x;
}

// Lanes that are four apart, added.
template <typename T>
PDENGINE_INLINE Four<T> folded(const Sixteen<T>& x) {
    Four<T> quarter[4];
    std::memcpy(quarter, &x, sizeof x);
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

// The sum of each of four vectors, together: one by one they take longer than the products.
template <typename T>
PDENGINE_INLINE Four<T> sums(const Sixteen<T>* x) {
    using Lanes = typename Vectors<T>::Lanes;
    const Four<T> a = folded<T>(x[0]), b = folded<T>(x[1]);
    const Four<T> c = folded<T>(x[2]), d = folded<T>(x[3]);
    const Four<T> ab =
        __builtin_shuffle(a, b, Lanes{0, 1, 4, 5}) + __builtin_shuffle(a, b, Lanes{2, 3, 6, 7});
    const Four<T> cd =
        __builtin_shuffle(c, d, Lanes{0, 1, 4, 5}) + __builtin_shuffle(c, d, Lanes{2, 3, 6, 7});
    return __builtin_shuffle(ab, cd, Lanes{0, 2, 4, 6}) +
           __builtin_shuffle(ab, cd, Lanes{1, 3, 5, 7});
}

// out[r] = bias[r] + head[r] . row for Count rows of the head, at most 4.
template <int Count, typename T>
PDENGINE_INLINE void dots(const T* row, const T* head, const T* bias, int64_t width, T* out) {
    Sixteen<T> total[4] = {};
    int64_t e = 0;
    for (; e + kLanes <= width; e += kLanes) {
        const Sixteen<T> x = load(row + e);
        for (int r = 0; r < Count; ++r) total[r] += x * load(head + r * width + e);
    }
    const Four<T> found = sums<T>(total);
    for (int r = 0; r < Count; ++r) {
        T rest = bias[r];
        for (int64_t c = e; c < width; ++c) rest += row[c] * head[r * width + c];
        out[r] = rest + found[r];
    }
}

// What is positive of `count` numbers; NaN stays.
template <typename T>
PDENGINE_INLINE void rectify(T* x, int64_t count) {
    for (int64_t i = 0; i < count; ++i) x[i] = x[i] < 0 ? T(0) : x[i];
}

// Logits of embeddings that are not rectified yet.
template <typename T>
PDENGINE_INLINE void logits(T* rows, int64_t count, const TensorView<const T, 2>& head,
                            const T* bias, T* out) {
    const int64_t parts = head.size[0], width = head.size[1];
    rectify(rows, count * width);
    for (int64_t n = 0; n < count; ++n, rows += width, out += parts) {
        int64_t r = 0;
        for (; r + 4 <= parts; r += 4) dots<4>(rows, head.row(r), bias + r, width, out + r);
        const T *last = head.row(r), *left = bias + r;
        if (parts - r == 3) dots<3>(rows, last, left, width, out + r);
        if (parts - r == 2) dots<2>(rows, last, left, width, out + r);
        if (parts - r == 1) dots<1>(rows, last, left, width, out + r);
    }
}

// Rows of embeddings become rows of their gradients, and are added to the totals of their voxels.
// line is scratch, as long as a row.  Plain loops: of vectors of sixteen in them the compiler makes
// code for AVX2 that takes three times as long.
template <typename T>
PDENGINE_INLINE void back(T* rows, int64_t count, const TensorView<const T, 2>& head, const T* came,
                          T* const* totals, T* line) {
    const int64_t parts = head.size[0], width = head.size[1];
    T* __restrict passed = line;
    for (int64_t n = 0; n < count; ++n, came += parts) {
        for (int64_t e = 0; e < width; ++e) passed[e] = came[0] * head.data[e];
        int64_t r = 1;
        for (; r + 3 <= parts; r += 3) {  // three at a time: the line is read and written less
            const T *a = head.row(r), *b = head.row(r + 1), *c = head.row(r + 2);
            const T x = came[r], y = came[r + 1], z = came[r + 2];
            for (int64_t e = 0; e < width; ++e)
                passed[e] = ((passed[e] + x * a[e]) + y * b[e]) + z * c[e];
        }
        for (; r < parts; ++r) {
            const T *a = head.row(r), x = came[r];
            for (int64_t e = 0; e < width; ++e) passed[e] += x * a[e];
        }
        T* __restrict row = rows + n * width, * __restrict total = totals[n];
        for (int64_t e = 0; e < width; ++e) {
            row[e] = row[e] <= 0 ? T(0) : passed[e];
            total[e] += row[e];
        }
    }
}

template <typename T>
struct Loops {
    void (*logits)(T*, int64_t, const TensorView<const T, 2>&, const T*, T*);
    void (*rectify)(T*, int64_t);
    void (*back)(T*, int64_t, const TensorView<const T, 2>&, const T*, T* const*, T*);
};

#define PDENGINE_LOOPS(NAME, TARGET)                                                      \
    template <typename T>                                                                 \
    TARGET void logits_##NAME(T* rows, int64_t count, const TensorView<const T, 2>& head, \
                              const T* bias, T* out) {                                    \
        logits(rows, count, head, bias, out);                                             \
    }                                                                                     \
    template <typename T>                                                                 \
    TARGET void rectify_##NAME(T* x, int64_t count) {                                     \
        rectify(x, count);                                                                \
    }                                                                                     \
    template <typename T>                                                                 \
    TARGET void back_##NAME(T* rows, int64_t count, const TensorView<const T, 2>& head,   \
                            const T* came, T* const* totals, T* line) {                   \
        back(rows, count, head, came, totals, line);                                      \
    }

PDENGINE_LOOPS(portable, )
#if defined(__x86_64__)
PDENGINE_LOOPS(avx2, __attribute__((target("avx2,fma"))))
PDENGINE_LOOPS(avx512, __attribute__((target("avx512f"))))
#endif
#undef PDENGINE_LOOPS

template <typename T>
Loops<T> best() {
#if defined(__x86_64__)
    if (has_avx512()) return {logits_avx512<T>, rectify_avx512<T>, back_avx512<T>};
    if (has_avx2_fma()) return {logits_avx2<T>, rectify_avx2<T>, back_avx2<T>};
#endif
    return {logits_portable<T>, rectify_portable<T>, back_portable<T>};
}

}  // namespace pdengine::rows
