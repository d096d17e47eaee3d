// knn on a GPU: up to 32 neighbours a call.
#pragma once

#include <cstdint>

#include "core/cuda_api.h"

namespace pdengine {

constexpr int64_t kTilePoints = 64;

struct KnnCudaParams {
    const float* query;        // [Q, 3]
    int64_t queries;           //        Q
    const int64_t* query_row;  // [Q]    rows of the outputs
    const int64_t* start;      // [Q]    the tile to look at first, in [0, tiles)
    const float* points;       // [P, 3] neighbours in space near each other
    int64_t count;             //        P < 2^31
    const int64_t* point_row;  // [P]    what a point is called
    float* box;                // [tiles, 6] scratch, tiles = ceil(P / 64): low corner, high corner
    int64_t k;                 //        columns of the outputs
    int64_t done;              //        columns that earlier calls have written
    int64_t* index;            // [Q, k] out: columns done .. done + 32
    float* distance;           // [Q, k] out: squared, ascending
};

}  // namespace pdengine

PDENGINE_CUDA_API int pdengine_knn(const pdengine::KnnCudaParams* params, void* stream);
