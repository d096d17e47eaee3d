#include "core/cuda_launch.h"
#include "label_components/label_components_cuda.h"

// Union-find in global memory without locks (Komura 2015; Playne and Hawick 2018; runs first as in
// He, Chao and Suzuki 2008).  A pixel's parent is never a later pixel, so that whoever is its own
// parent at the end is the first of its component: the order of threads cannot show.
namespace pdengine {
namespace {

constexpr unsigned kAllLanes = 0xffffffff;

// The lane where the run of equal neighbours begins that holds this one; begins: bit per lane.
__device__ int run_begin(unsigned begins, int lane) {
    return 31 - __clz(begins & (kAllLanes >> (31 - lane)));
}

// Parents may fall while they are read; what was once a parent stays in the component.
__device__ int32_t root_of(const int32_t* parent, int32_t pixel) {
    for (int32_t next; (next = __ldcg(parent + pixel)) != pixel;) pixel = next;
    return pixel;
}

// root_of, and every pixel on the way gets its parent's parent: all rows of a uniform map join at
// once, and the chain they make would be walked step by step (path splitting, Tarjan and van
// Leeuwen 1984; without locks as in ECL-CC, Jaiganesh and Burtscher 2018).  The store may undo what
// somebody wrote to a pixel that was no root any more, and who did that goes on joining.
__device__ int32_t shortened_to_root(int32_t* parent, int32_t pixel) {
    for (int32_t next = __ldcg(parent + pixel); next != pixel;) {
        const int32_t after = __ldcg(parent + next);
        if (after != next) __stcg(parent + pixel, after);
        pixel = next;
        next = after;
    }
    return pixel;
}

__device__ void join(int32_t* parent, int32_t a, int32_t b) {
    while (true) {
        a = shortened_to_root(parent, a);
        b = shortened_to_root(parent, b);
        if (a == b) return;
        if (a < b) {
            const int32_t other = a;
            a = b;
            b = other;
        }
        const int32_t before = atomicMin(parent + a, b);
        if (before == a) return;
        a = before;  // somebody else was first: what a was joined to goes with b
    }
}

// Each pixel's parent is the first of its run, as far as a warp sees: no atomics.  Every lane of a
// warp comes along, because they ask each other.
__global__ void start_runs(FindComponentsCudaParams p) {
    const int64_t image = static_cast<int64_t>(p.height) * p.width, i = item();
    const int lane = threadIdx.x % kWarp;
    for (int64_t view = blockIdx.y; view < p.views; view += gridDim.y) {
        const int32_t* classes = p.classes + view * image;
        const bool live = i < image;
        const auto pixel = static_cast<int32_t>(live ? i : 0);
        const int32_t class_ = live ? classes[pixel] : -1;
        const bool begins =
            lane == 0 || !live || pixel % p.width == 0 || classes[pixel - 1] != class_;
        const int begin = run_begin(__ballot_sync(kAllLanes, begins), lane);
        if (live) p.first[view * image + i] = class_ < 0 ? -1 : pixel - (lane - begin);
    }
}

// Joins a pixel with its neighbours above and, where a warp began, to the left.  A neighbour that
// another pixel of the same run or of the row above joins as well is left to it.
__device__ void join_pixel(const FindComponentsCudaParams& p, const int32_t* classes,
                           int32_t* parent, int32_t pixel) {
    const int32_t* at = classes + pixel;
    const int32_t class_ = *at, width = p.width;
    if (class_ < 0) return;
    const int32_t row = pixel / width, col = pixel % width;
    const bool west = col > 0 && at[-1] == class_;
    if (west && pixel % kWarp == 0) join(parent, pixel, pixel - 1);
    if (row == 0) return;
    const int32_t* above = at - width;
    const bool north_west = col > 0 && above[-1] == class_;
    if (above[0] == class_) {
        if (!(west && north_west)) join(parent, pixel, pixel - width);
        return;
    }
    if (north_west && !west) join(parent, pixel, pixel - width - 1);
    if (col + 1 < width && above[1] == class_ && at[1] != class_)
        join(parent, pixel, pixel - width + 1);
}

__global__ void join_neighbours(FindComponentsCudaParams p) {
    const int64_t image = static_cast<int64_t>(p.height) * p.width, i = item();
    if (i >= image) return;
    for (int64_t view = blockIdx.y; view < p.views; view += gridDim.y)
        join_pixel(p, p.classes + view * image, p.first + view * image, static_cast<int32_t>(i));
}

__global__ void find_first(FindComponentsCudaParams p) {
    const int64_t image = static_cast<int64_t>(p.height) * p.width, i = item();
    if (i >= image) return;
    const auto pixel = static_cast<int32_t>(i);
    for (int64_t view = blockIdx.y; view < p.views; view += gridDim.y) {
        int32_t* parent = p.first + view * image;
        int32_t root = -1;
        if (__ldcg(parent + pixel) >= 0) {
            // Nothing is joined any more: a root stays one, and writing it only shortens others'
            // ways.
            root = root_of(parent, pixel);
            __stcg(parent + pixel, root);
        }
        p.is_first[view * image + i] = root == pixel;
    }
}

__global__ void number_first(NumberComponentsCudaParams p) {
    const int64_t k = item();
    if (k >= p.count) return;
    const int64_t i = p.components[k];
    p.label[i] = static_cast<int32_t>(k);
    p.view[k] = i / (static_cast<int64_t>(p.height) * p.width);
    p.class_[k] = p.classes[i];
    p.size[k] = 0;
}

// Labels, and one addition per run and warp to the sizes.  Every lane of a warp comes along.
__global__ void number_rest(NumberComponentsCudaParams p) {
    const int64_t image = static_cast<int64_t>(p.height) * p.width, i = item();
    const int lane = threadIdx.x % kWarp;
    for (int64_t view = blockIdx.y; view < p.views; view += gridDim.y) {
        const bool live = i < image;
        int32_t* labels = p.label + view * image;
        const int32_t first = live ? p.first[view * image + i] : -1;
        // number_first has written the labels of first pixels, and nobody writes them here.
        const int32_t label = first >= 0 ? labels[first] : -1;
        const int32_t before = __shfl_up_sync(kAllLanes, label, 1);
        const bool begins = lane == 0 || before != label;
        const unsigned all = __ballot_sync(kAllLanes, begins);
        if (live && first != i) labels[i] = label;
        if (label >= 0 && begins) {
            const unsigned later = lane == kWarp - 1 ? 0 : all & (kAllLanes << (lane + 1));
            const int end = later ? __ffs(static_cast<int>(later)) - 1 : kWarp;
            atomicAdd(reinterpret_cast<unsigned long long*>(p.size + label),
                      static_cast<unsigned long long>(end - lane));
        }
    }
}

}  // namespace
}  // namespace pdengine

int pdengine_find_components(const pdengine::FindComponentsCudaParams* params, void* stream) {
    using namespace pdengine;
    const int64_t image = static_cast<int64_t>(params->height) * params->width;
    const dim3 grid = grid_of(image, params->views), block(kBlockThreads);
    PDENGINE_TRY(launch(grid, block, stream, start_runs, *params));
    PDENGINE_TRY(launch(grid, block, stream, join_neighbours, *params));
    return launch(grid, block, stream, find_first, *params);
}

int pdengine_number_components(const pdengine::NumberComponentsCudaParams* params, void* stream) {
    using namespace pdengine;
    const int64_t image = static_cast<int64_t>(params->height) * params->width;
    PDENGINE_TRY(launch_over(params->count, stream, number_first, *params));
    return launch(grid_of(image, params->views), dim3(kBlockThreads), stream, number_rest, *params);
}
