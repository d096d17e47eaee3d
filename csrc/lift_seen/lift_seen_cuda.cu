#include "core/cuda_launch.h"
#include "core/pinhole_cuda.h"
#include "lift_seen/lift_seen_cuda.h"

// A warp walks a run of points in their order, once to see and count and once to write.  No other
// warp touches its cells: a unit is in one layer, a layer in one view, and a run is one warp's.  So
// the order of threads cannot show, and nothing has to be sorted.
namespace pdengine {
namespace {

constexpr unsigned kAllLanes = 0xffffffff;

// Box l is unit l, and calls the pixels whose centre is in it.
struct Boxes {
    static constexpr bool checked = false;
    const float* boxes;  // [L, 4]
    int32_t width;

    __device__ int32_t unit(int64_t layer, int32_t pixel) const {
        const float* box = boxes + 4 * layer;
        // A side has at most 16384 pixels, so a centre is exact.  Comparing with NaN is false.
        const float x = static_cast<float>(pixel % width) + 0.5f;
        const float y = static_cast<float>(pixel / width) + 0.5f;
        const bool inside = box[0] <= x && x <= box[2] && box[1] <= y && y <= box[3];
        return inside ? static_cast<int32_t>(layer) : -1;
    }
};

// A pixel says whose it is.
struct Regions {
    static constexpr bool checked = true;
    const int32_t* regions;  // [L, H, W]
    int64_t area;            // H * W

    __device__ int32_t unit(int64_t layer, int32_t pixel) const {
        return regions[layer * area + pixel];
    }
};

// The lanes of this warp that are on this lane's unit: the first of them acts for all.
struct Group {
    unsigned lanes;
    int first;

    __device__ int size() const { return __popc(lanes); }
    __device__ int before(int lane) const { return __popc(lanes & ((1u << lane) - 1)); }
};

__device__ Group group_of(int32_t unit) {
    const unsigned lanes = __match_any_sync(kAllLanes, static_cast<unsigned>(unit));
    return {lanes, __ffs(static_cast<int>(lanes)) - 1};
}

// An id that cannot be, or a unit that another layer has shown already: then what is counted is
// never read.
template <typename Marks>
__device__ bool refused(const CountSeenCudaParams& p, int32_t unit, int64_t layer) {
    if (!Marks::checked) return false;
    if (unit < -1 || unit >= p.scene.units) return true;
    if (unit == -1) return false;
    const auto mine = static_cast<int32_t>(layer + 1);
    if (__ldcg(p.layer + unit) == mine) return false;
    const int32_t before = atomicCAS(p.layer + unit, 0, mine);
    return before != 0 && before != mine;
}

template <typename Marks>
__device__ void count_points(const CountSeenCudaParams& p, const Marks& marks, int64_t run,
                             int64_t layer, int32_t pixel, int lane) {
    const int32_t unit = pixel >= 0 ? marks.unit(layer, pixel) : -1;
    const Group group = group_of(unit);
    if (lane != group.first) return;
    if (refused<Marks>(p, unit, layer)) {
        *p.wrong = 1;
        return;
    }
    if (unit >= 0) atomicAdd(p.cells + unit * p.scene.runs + run, group.size());
}

// Every lane of a warp comes along, because they ask each other.
template <typename Marks>
__global__ void see_and_count(CountSeenCudaParams p, Marks marks) {
    const LiftSeenCudaParams& s = p.scene;
    const int64_t image = static_cast<int64_t>(s.height) * s.width, run = item() / kWarp;
    const int lane = threadIdx.x % kWarp;
    if (run >= s.runs) return;
    const int64_t end = min((run + 1) * s.run, s.points);
    for (int64_t view = blockIdx.y; view < s.views; view += gridDim.y) {
        const Camera camera = load_camera(s.rotation, s.translation, s.focal, view);
        const float* surface = s.depth + view * image;
        for (int64_t first = run * s.run; first < end; first += kWarp) {
            const int64_t point = first + lane;
            int32_t pixel = -1;
            if (point < end) {
                pixel =
                    seen_pixel(camera, s.xyz + 3 * point, surface, s.height, s.width, s.tolerance);
                s.pixel[view * s.points + point] = pixel;
            }
            for (int64_t layer = 0; layer < s.layers; ++layer)
                if (s.view[layer] == view) count_points(p, marks, run, layer, pixel, lane);
        }
    }
}

template <typename Marks>
__device__ void write_points(const WriteSeenCudaParams& p, const Marks& marks, int64_t run,
                             int64_t layer, int32_t pixel, int64_t point, int lane) {
    const int32_t unit = pixel >= 0 ? marks.unit(layer, pixel) : -1;
    const Group group = group_of(unit);
    unsigned long long start = 0;
    if (lane == group.first && unit >= 0) {
        // The run's next step, perhaps in another lane, has to find what this one leaves.
        auto* at = reinterpret_cast<unsigned long long*>(p.starts + unit * p.scene.runs + run);
        start = atomicAdd(at, static_cast<unsigned long long>(group.size()));
    }
    start = __shfl_sync(kAllLanes, start, group.first);
    if (unit >= 0) p.point[start + group.before(lane)] = point;
}

// Every lane of a warp comes along, because they ask each other.
template <typename Marks>
__global__ void write_called(WriteSeenCudaParams p, Marks marks) {
    const LiftSeenCudaParams& s = p.scene;
    const int64_t run = item() / kWarp;
    const int lane = threadIdx.x % kWarp;
    if (run >= s.runs) return;
    const int64_t end = min((run + 1) * s.run, s.points);
    for (int64_t view = blockIdx.y; view < s.views; view += gridDim.y) {
        for (int64_t first = run * s.run; first < end; first += kWarp) {
            const int64_t point = first + lane;
            const int32_t pixel = point < end ? s.pixel[view * s.points + point] : -1;
            for (int64_t layer = 0; layer < s.layers; ++layer)
                if (s.view[layer] == view) write_points(p, marks, run, layer, pixel, point, lane);
        }
    }
}

template <typename Params>
int walk(const Params& p, void* stream, void (*boxes)(Params, Boxes),
         void (*regions)(Params, Regions)) {
    const LiftSeenCudaParams& s = p.scene;
    const dim3 grid = grid_of(s.runs, s.views, kBlockThreads / kWarp), block(kBlockThreads);
    if (s.boxes != nullptr) return launch(grid, block, stream, boxes, p, Boxes{s.boxes, s.width});
    const int64_t area = static_cast<int64_t>(s.height) * s.width;
    return launch(grid, block, stream, regions, p, Regions{s.regions, area});
}

}  // namespace
}  // namespace pdengine

int pdengine_count_seen(const pdengine::CountSeenCudaParams* params, void* stream) {
    using namespace pdengine;
    return walk(*params, stream, see_and_count<Boxes>, see_and_count<Regions>);
}

int pdengine_write_seen(const pdengine::WriteSeenCudaParams* params, void* stream) {
    using namespace pdengine;
    return walk(*params, stream, write_called<Boxes>, write_called<Regions>);
}
