#include "core/cuda_launch.h"
#include "core/depth_key_cuda.h"
#include "core/pinhole_cuda.h"
#include "raster_triangles/raster_triangles_cuda.h"
#include "raster_triangles/triangle.h"

// Small triangles are drawn by a thread each.  A large one is entered in a list; then every block
// takes an equal share of the tiles of all large ones (Laine and Karras 2011 sort triangles by size
// the same way).  The list's order depends on the threads, the image does not.
namespace pdengine {
namespace {

// Pixels in the box of a triangle that a thread draws alone: a guess until it is measured.
constexpr int32_t kSmallBox = 64;
constexpr int kTileWidth = 32, kTileHeight = 8;
constexpr int64_t kMostBlocks = 2048;

// How many large triangles there are and their tiles, in one word, so that one addition gives a
// place in the list and the tiles before it: the list is ascending in both.
constexpr int kTileBits = 42;  // 2^21 triangles, each on at most 2^20 tiles
constexpr int64_t kMostLarge = 1 << 21;

// The pixels [x0, x1) x [y0, y1), not empty.
struct Box {
    int32_t x0, y0, x1, y1;

    __device__ int32_t tiles_across() const { return (x1 - 1) / kTileWidth - x0 / kTileWidth + 1; }
    __device__ int32_t tiles_down() const { return (y1 - 1) / kTileHeight - y0 / kTileHeight + 1; }
};

struct Corners {
    Corner a, b, c;
};

__device__ Corners corners_of(const RasterCudaParams& p, int64_t view, int64_t face) {
    const int32_t* f = p.faces + 3 * face;
    const Corner* corner = p.corner + view * p.vertex_count;
    return {corner[f[0]], corner[f[1]], corner[f[2]]};
}

// False where no centre of a pixel can be in the triangle.
__device__ bool box_of(const Corners& t, int32_t height, int32_t width, Box& box) {
    if (t.a.nearness == 0 || t.b.nearness == 0 || t.c.nearness == 0) return false;
    box.x0 = max(first_pixel(min(t.a.x, min(t.b.x, t.c.x))), 0);
    box.y0 = max(first_pixel(min(t.a.y, min(t.b.y, t.c.y))), 0);
    box.x1 = min(first_pixel(max(t.a.x, max(t.b.x, t.c.x)) + 1), width);
    box.y1 = min(first_pixel(max(t.a.y, max(t.b.y, t.c.y)) + 1), height);
    return box.x0 < box.x1 && box.y0 < box.y1;
}

__device__ void offer(const Triangle& t, int64_t w0, int64_t w1, int64_t w2, int64_t face,
                      DepthKey* slot) {
    if ((w0 | w1 | w2) < 0) return;
    const float depth = t.depth(w0, w1, w2);
    if (depth < INFINITY) lower(slot, pack(depth, face));
}

__global__ void place_vertices(RasterCudaParams p) {
    const int64_t i = item();
    if (i >= p.vertex_count) return;
    for (int64_t view = blockIdx.y; view < p.views; view += gridDim.y) {
        const Camera camera = load_camera(p.rotation, p.translation, p.focal, view);
        float u, v, z;
        place(camera, p.vertices + 3 * i, p.height, p.width, u, v, z);
        // A coordinate that is not a number fails every comparison.
        const bool placed = z > kNearestDepth && z < INFINITY && fabsf(u) < kFarthestPixel &&
                            fabsf(v) < kFarthestPixel;
        Corner corner{0, 0, 0.0};
        if (placed)
            corner = {__float2int_rn(u * kStepsPerPixel), __float2int_rn(v * kStepsPerPixel),
                      1.0 / static_cast<double>(z)};
        p.corner[view * p.vertex_count + i] = corner;
    }
}

// The faces [begin, end) of every view.
__global__ void draw_small(RasterCudaParams p, int64_t begin, int64_t end) {
    const int64_t face = begin + item();
    if (face >= end) return;
    for (int64_t view = blockIdx.y; view < p.views; view += gridDim.y) {
        const Corners corners = corners_of(p, view, face);
        Box box;
        if (!box_of(corners, p.height, p.width, box)) continue;
        Triangle t(corners.a, corners.b, corners.c, centre(box.x0), centre(box.y0));
        if (t.area == 0) continue;
        if (static_cast<int64_t>(box.x1 - box.x0) * (box.y1 - box.y0) > kSmallBox) {
            const auto tiles = static_cast<DepthKey>(box.tiles_across() * box.tiles_down());
            const DepthKey before =
                atomicAdd(reinterpret_cast<DepthKey*>(p.tally), DepthKey{1} << kTileBits | tiles);
            p.large[before >> kTileBits] = {
                static_cast<int64_t>(before & ((DepthKey{1} << kTileBits) - 1)),
                static_cast<int32_t>(face), static_cast<int32_t>(view)};
            continue;
        }
        DepthKey* row = reinterpret_cast<DepthKey*>(p.key) + (view * p.height + box.y0) * p.width;
        for (int32_t y = box.y0; y < box.y1; ++y, row += p.width) {
            int64_t w0 = t.e0.value, w1 = t.e1.value, w2 = t.e2.value;
            for (int32_t x = box.x0; x < box.x1; ++x) {
                offer(t, w0, w1, w2, face, row + x);
                w0 += t.e0.right;
                w1 += t.e1.right;
                w2 += t.e2.right;
            }
            t.e0.value += t.e0.further;
            t.e1.value += t.e1.further;
            t.e2.value += t.e2.further;
        }
    }
}

// The triangle in the list that has this tile.
__device__ int64_t find_large(const LargeTriangle* large, int64_t count, int64_t tile) {
    int64_t low = 0, high = count - 1;
    while (low < high) {
        const int64_t middle = (low + high + 1) / 2;
        if (large[middle].first_tile <= tile)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

// A block is one tile of pixels.  All its threads take the same triangles; each has its own pixel.
__global__ void draw_large(RasterCudaParams p) {
    const auto count = static_cast<int64_t>(*p.tally >> kTileBits);
    const auto tiles = static_cast<int64_t>(*p.tally & ((DepthKey{1} << kTileBits) - 1));
    int64_t tile = tiles * blockIdx.x / gridDim.x;
    const int64_t end = tiles * (blockIdx.x + 1) / gridDim.x;
    if (tile >= end) return;
    for (int64_t at = find_large(p.large, count, tile); tile < end; ++at) {
        const LargeTriangle mine = p.large[at];
        const Corners corners = corners_of(p, mine.view, mine.face);
        Box box;
        box_of(corners, p.height, p.width, box);  // it had one when it was entered
        const int32_t across = box.tiles_across();
        const int64_t after = mine.first_tile + int64_t{across} * box.tiles_down();
        DepthKey* image =
            reinterpret_cast<DepthKey*>(p.key) + int64_t{mine.view} * p.height * p.width;
        for (; tile < end && tile < after; ++tile) {
            const auto k = static_cast<int32_t>(tile - mine.first_tile);
            const int32_t x = (box.x0 / kTileWidth + k % across) * kTileWidth + threadIdx.x;
            const int32_t y = (box.y0 / kTileHeight + k / across) * kTileHeight + threadIdx.y;
            if (x < box.x0 || x >= box.x1 || y < box.y0 || y >= box.y1) continue;
            const Triangle t(corners.a, corners.b, corners.c, centre(x), centre(y));
            offer(t, t.e0.value, t.e1.value, t.e2.value, mine.face,
                  image + int64_t{y} * p.width + x);
        }
    }
}

__global__ void resolve(RasterCudaParams p) {
    const int32_t x = blockIdx.x * blockDim.x + threadIdx.x;
    const int32_t y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= p.width || y >= p.height) return;
    for (int64_t view = blockIdx.z; view < p.views; view += gridDim.z) {
        const int64_t pixel = (view * p.height + y) * p.width + x;
        const DepthKey key = p.key[pixel];
        const int32_t face = index_of(key);
        float weight[2] = {0.0f, 0.0f};
        if (face >= 0) {
            const Corners corners = corners_of(p, view, face);
            const Triangle t(corners.a, corners.b, corners.c, centre(x), centre(y));
            t.weigh(weight);
        }
        p.index[pixel] = face;
        p.depth[pixel] = depth_of(key);
        p.weight[2 * pixel] = weight[0];
        p.weight[2 * pixel + 1] = weight[1];
    }
}

}  // namespace
}  // namespace pdengine

int pdengine_raster_triangles(const pdengine::RasterCudaParams* params, void* stream) {
    using namespace pdengine;
    const RasterCudaParams& p = *params;
    if (p.large_count < p.views || p.large_count > kMostLarge) return cudaErrorInvalidValue;
    const auto queue = static_cast<cudaStream_t>(stream);
    const dim3 block(kBlockThreads), tile(kTileWidth, kTileHeight);
    const int64_t across = (p.width + kTileWidth - 1) / kTileWidth;
    const int64_t down = (p.height + kTileHeight - 1) / kTileHeight;

    PDENGINE_TRY(
        cudaMemsetAsync(p.key, 0xff, p.views * p.height * p.width * sizeof(DepthKey), queue));
    PDENGINE_TRY(launch(grid_of(p.vertex_count, p.views), block, stream, place_vertices, p));
    // Every triangle of a round may be a large one, and the list has room for all of them.
    const int64_t round = min(p.large_count / p.views, p.face_count);
    const auto blocks = static_cast<unsigned>(min(kMostBlocks, round * p.views * across * down));
    for (int64_t begin = 0; begin < p.face_count; begin += round) {
        const int64_t end = min(begin + round, p.face_count);
        PDENGINE_TRY(cudaMemsetAsync(p.tally, 0, sizeof(DepthKey), queue));
        PDENGINE_TRY(
            launch(grid_of(end - begin, p.views), block, stream, draw_small, p, begin, end));
        PDENGINE_TRY(launch(dim3(blocks), tile, stream, draw_large, p));
    }
    const dim3 image(static_cast<unsigned>(across), static_cast<unsigned>(down),
                     grid_of(1, p.views).y);
    return launch(image, tile, stream, resolve, p);
}
