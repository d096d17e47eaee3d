// A call with four threads on a system that has none left: the caller's thread does all of it.
#include <pdengine/splat_points/splat_points.h>
#include <pthread.h>

#include <cerrno>
#include <cstdio>
#include <vector>

namespace pd = pdengine;

static int asked = 0;

// Stands in front of the system's own.
extern "C" int pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) {
    ++asked;
    return EAGAIN;
}

// The nearest point of each pixel of two views, which look at a grid of points.
std::vector<int32_t> splat(int threads) {
    constexpr int64_t kSide = 800, kSize = 256;
    std::vector<float> xyz;
    for (int64_t i = 0; i < kSide * kSide; ++i)
        for (int64_t x : {i % kSide, i / kSide, i % 7})
            xyz.push_back(static_cast<float>(x) / (kSide / 2) - 1);
    const float turn[] = {1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0, 0, 1, 0, 0, 0, -1};
    const float shift[] = {0, 0, 3, 0, 0, 3}, focal[] = {2, 2};
    std::vector<int32_t> index(2 * kSize * kSize);
    std::vector<float> depth(2 * kSize * kSize);
    pd::splat_points_cpu({{xyz.data(), {kSide * kSide, 3}},
                          {turn, {2, 3, 3}},
                          {shift, {2, 3}},
                          {focal, {2}},
                          1.5,
                          {index.data(), {2, kSize, kSize}},
                          {depth.data(), {2, kSize, kSize}}},
                         threads);
    return index;
}

int main() {
    const std::vector<int32_t> alone = splat(1);
    const bool well = asked == 0 && splat(4) == alone && asked > 0;
    std::puts(well ? "no thread" : "something is wrong");
    return well ? 0 : 1;
}
