// The CUDA library's functions for Python: addresses of device memory as numbers, by name.  Shapes
// and dtypes are checked by kernels/<op>/op.py, and kernels/_cuda.py makes the calls.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <string>

#include "core/cuda_library.h"
#include "farthest_points/farthest_points_cuda.h"
#include "kernel_map/kernel_map_cuda.h"
#include "knn/knn_cuda.h"
#include "label_components/label_components_cuda.h"
#include "lift_seen/lift_seen_cuda.h"
#include "raster_triangles/raster_triangles_cuda.h"
#include "splat_points/splat_points_cuda.h"
#include "visible_points/visible_points_cuda.h"
#include "voxelize/voxelize_cuda.h"

namespace py = pybind11;
namespace pd = pdengine;
using namespace pybind11::literals;

using Address = uintptr_t;

// A pointer field takes the type it has from the address it is given.
struct Pointer {
    Address address;
    template <typename T>
    operator T*() const {
        return reinterpret_cast<T*>(address);
    }
};

// Every call is by keyword: a row of numbers says nothing about itself.  None of them touches a
// Python object.
using Unlocked = py::call_guard<py::gil_scoped_release>;

static void define_image_ops(py::module_& m) {
    m.def(
        "splat_points_cuda",
        [](Address xyz, Address rotation, Address translation, Address focal, int64_t points,
           int64_t views, int32_t height, int32_t width, double radius_px, int32_t margin,
           Address key, Address index, Address depth, int device, Address stream) {
            const pd::SplatCudaParams params{Pointer{xyz},
                                             Pointer{rotation},
                                             Pointer{translation},
                                             Pointer{focal},
                                             points,
                                             views,
                                             height,
                                             width,
                                             radius_px,
                                             margin,
                                             Pointer{key},
                                             Pointer{index},
                                             Pointer{depth}};
            PDENGINE_RUN_CUDA("splat_points", pdengine_splat_points, params, device,
                              Pointer{stream});
        },
        Unlocked(), py::kw_only(), "xyz"_a, "rotation"_a, "translation"_a, "focal"_a, "points"_a,
        "views"_a, "height"_a, "width"_a, "radius_px"_a, "margin"_a, "key"_a, "index"_a, "depth"_a,
        "device"_a, "stream"_a);
    m.def(
        "raster_triangles_cuda",
        [](Address vertices, Address faces, Address rotation, Address translation, Address focal,
           int64_t vertex_count, int64_t face_count, int64_t views, int32_t height, int32_t width,
           Address corner, Address key, Address tally, Address large, int64_t large_count,
           Address index, Address depth, Address weight, int device, Address stream) {
            const pd::RasterCudaParams params{Pointer{vertices},
                                              Pointer{faces},
                                              Pointer{rotation},
                                              Pointer{translation},
                                              Pointer{focal},
                                              vertex_count,
                                              face_count,
                                              views,
                                              height,
                                              width,
                                              Pointer{corner},
                                              Pointer{key},
                                              Pointer{tally},
                                              Pointer{large},
                                              large_count,
                                              Pointer{index},
                                              Pointer{depth},
                                              Pointer{weight}};
            PDENGINE_RUN_CUDA("raster_triangles", pdengine_raster_triangles, params, device,
                              Pointer{stream});
        },
        Unlocked(), py::kw_only(), "vertices"_a, "faces"_a, "rotation"_a, "translation"_a,
        "focal"_a, "vertex_count"_a, "face_count"_a, "views"_a, "height"_a, "width"_a, "corner"_a,
        "key"_a, "tally"_a, "large"_a, "large_count"_a, "index"_a, "depth"_a, "weight"_a,
        "device"_a, "stream"_a);
    m.def(
        "visible_points_cuda",
        [](Address xyz, Address rotation, Address translation, Address focal, Address depth,
           int64_t points, int64_t views, int32_t height, int32_t width, double tolerance,
           Address pixel, int device, Address stream) {
            const pd::VisibleCudaParams params{Pointer{xyz},
                                               Pointer{rotation},
                                               Pointer{translation},
                                               Pointer{focal},
                                               Pointer{depth},
                                               points,
                                               views,
                                               height,
                                               width,
                                               static_cast<float>(tolerance),
                                               Pointer{pixel}};
            PDENGINE_RUN_CUDA("visible_points", pdengine_visible_points, params, device,
                              Pointer{stream});
        },
        Unlocked(), py::kw_only(), "xyz"_a, "rotation"_a, "translation"_a, "focal"_a, "depth"_a,
        "points"_a, "views"_a, "height"_a, "width"_a, "tolerance"_a, "pixel"_a, "device"_a,
        "stream"_a);
    m.def(
        "find_components_cuda",
        [](Address classes, int64_t views, int32_t height, int32_t width, Address first,
           Address is_first, int device, Address stream) {
            const pd::FindComponentsCudaParams params{
                Pointer{classes}, views, height, width, Pointer{first}, Pointer{is_first}};
            PDENGINE_RUN_CUDA("label_components", pdengine_find_components, params, device,
                              Pointer{stream});
        },
        Unlocked(), py::kw_only(), "classes"_a, "views"_a, "height"_a, "width"_a, "first"_a,
        "is_first"_a, "device"_a, "stream"_a);
    m.def(
        "number_components_cuda",
        [](Address classes, Address first, Address components, int64_t count, int64_t views,
           int32_t height, int32_t width, Address label, Address view, Address class_, Address size,
           int device, Address stream) {
            const pd::NumberComponentsCudaParams params{Pointer{classes},
                                                        Pointer{first},
                                                        Pointer{components},
                                                        count,
                                                        views,
                                                        height,
                                                        width,
                                                        Pointer{label},
                                                        Pointer{view},
                                                        Pointer{class_},
                                                        Pointer{size}};
            PDENGINE_RUN_CUDA("label_components", pdengine_number_components, params, device,
                              Pointer{stream});
        },
        Unlocked(), py::kw_only(), "classes"_a, "first"_a, "components"_a, "count"_a, "views"_a,
        "height"_a, "width"_a, "label"_a, "view"_a, "class_"_a, "size"_a, "device"_a, "stream"_a);
}

static void define_lifts(py::module_& m) {
    m.def(
        "count_seen_cuda",
        [](Address xyz, Address rotation, Address translation, Address focal, Address depth,
           int64_t points, int64_t views, int32_t height, int32_t width, double tolerance,
           Address boxes, Address regions, Address view, int64_t layers, int64_t units, int64_t run,
           int64_t runs, Address pixel, Address cells, Address layer, Address wrong, int device,
           Address stream) {
            const pd::CountSeenCudaParams params{
                {Pointer{xyz}, Pointer{rotation}, Pointer{translation}, Pointer{focal},
                 Pointer{depth}, points, views, height, width, static_cast<float>(tolerance),
                 Pointer{boxes}, Pointer{regions}, Pointer{view}, layers, units, run, runs,
                 Pointer{pixel}},
                Pointer{cells},
                Pointer{layer},
                Pointer{wrong}};
            PDENGINE_RUN_CUDA("lift_seen", pdengine_count_seen, params, device, Pointer{stream});
        },
        Unlocked(), py::kw_only(), "xyz"_a, "rotation"_a, "translation"_a, "focal"_a, "depth"_a,
        "points"_a, "views"_a, "height"_a, "width"_a, "tolerance"_a, "boxes"_a, "regions"_a,
        "view"_a, "layers"_a, "units"_a, "run"_a, "runs"_a, "pixel"_a, "cells"_a, "layer"_a,
        "wrong"_a, "device"_a, "stream"_a);
    m.def(
        "write_seen_cuda",
        [](Address xyz, Address rotation, Address translation, Address focal, Address depth,
           int64_t points, int64_t views, int32_t height, int32_t width, double tolerance,
           Address boxes, Address regions, Address view, int64_t layers, int64_t units, int64_t run,
           int64_t runs, Address pixel, Address starts, Address point, int device, Address stream) {
            const pd::WriteSeenCudaParams params{
                {Pointer{xyz}, Pointer{rotation}, Pointer{translation}, Pointer{focal},
                 Pointer{depth}, points, views, height, width, static_cast<float>(tolerance),
                 Pointer{boxes}, Pointer{regions}, Pointer{view}, layers, units, run, runs,
                 Pointer{pixel}},
                Pointer{starts},
                Pointer{point}};
            PDENGINE_RUN_CUDA("lift_seen", pdengine_write_seen, params, device, Pointer{stream});
        },
        Unlocked(), py::kw_only(), "xyz"_a, "rotation"_a, "translation"_a, "focal"_a, "depth"_a,
        "points"_a, "views"_a, "height"_a, "width"_a, "tolerance"_a, "boxes"_a, "regions"_a,
        "view"_a, "layers"_a, "units"_a, "run"_a, "runs"_a, "pixel"_a, "starts"_a, "point"_a,
        "device"_a, "stream"_a);
}

static void define_voxel_ops(py::module_& m) {
    m.def(
        "find_voxels_cuda",
        [](Address xyz, int64_t points, double size, double origin, Address table, int64_t slots,
           Address slot, int device, Address stream) {
            const pd::FindVoxelsCudaParams params{Pointer{xyz},
                                                  points,
                                                  static_cast<float>(size),
                                                  static_cast<float>(origin),
                                                  Pointer{table},
                                                  slots,
                                                  Pointer{slot}};
            PDENGINE_RUN_CUDA("voxelize", pdengine_find_voxels, params, device, Pointer{stream});
        },
        Unlocked(), py::kw_only(), "xyz"_a, "points"_a, "size"_a, "origin"_a, "table"_a, "slots"_a,
        "slot"_a, "device"_a, "stream"_a);
    m.def(
        "number_voxels_cuda",
        [](Address key, Address found, int64_t voxels, Address row, Address slot, int64_t points,
           Address coords, Address voxel, Address count, int device, Address stream) {
            const pd::NumberVoxelsCudaParams params{
                Pointer{key}, Pointer{found},  voxels,         Pointer{row},  Pointer{slot},
                points,       Pointer{coords}, Pointer{voxel}, Pointer{count}};
            PDENGINE_RUN_CUDA("voxelize", pdengine_number_voxels, params, device, Pointer{stream});
        },
        Unlocked(), py::kw_only(), "key"_a, "found"_a, "voxels"_a, "row"_a, "slot"_a, "points"_a,
        "coords"_a, "voxel"_a, "count"_a, "device"_a, "stream"_a);
    m.def(
        "submanifold_map_cuda",
        [](Address coords, int64_t voxels, int32_t kernel, Address table, Address row,
           int64_t slots, Address forward, Address backward, int device, Address stream) {
            const pd::SubmanifoldMapCudaParams params{Pointer{coords},  voxels,           kernel,
                                                      Pointer{table},   Pointer{row},     slots,
                                                      Pointer{forward}, Pointer{backward}};
            PDENGINE_RUN_CUDA("kernel_map", pdengine_submanifold_map, params, device,
                              Pointer{stream});
        },
        Unlocked(), py::kw_only(), "coords"_a, "voxels"_a, "kernel"_a, "table"_a, "row"_a,
        "slots"_a, "forward"_a, "backward"_a, "device"_a, "stream"_a);
    m.def(
        "find_parents_cuda",
        [](Address coords, int64_t voxels, Address table, int64_t slots, Address slot, int device,
           Address stream) {
            const pd::FindParentsCudaParams params{Pointer{coords}, voxels, Pointer{table}, slots,
                                                   Pointer{slot}};
            PDENGINE_RUN_CUDA("kernel_map", pdengine_find_parents, params, device, Pointer{stream});
        },
        Unlocked(), py::kw_only(), "coords"_a, "voxels"_a, "table"_a, "slots"_a, "slot"_a,
        "device"_a, "stream"_a);
    m.def(
        "stride_map_cuda",
        [](Address coords, int64_t voxels, Address key, Address found, int64_t parents, Address row,
           Address slot, Address coarse, Address forward, Address backward, int device,
           Address stream) {
            const pd::StrideMapCudaParams params{
                Pointer{coords},  voxels,           Pointer{key},  Pointer{found},
                parents,          Pointer{row},     Pointer{slot}, Pointer{coarse},
                Pointer{forward}, Pointer{backward}};
            PDENGINE_RUN_CUDA("kernel_map", pdengine_stride_map, params, device, Pointer{stream});
        },
        Unlocked(), py::kw_only(), "coords"_a, "voxels"_a, "key"_a, "found"_a, "parents"_a, "row"_a,
        "slot"_a, "coarse"_a, "forward"_a, "backward"_a, "device"_a, "stream"_a);
    m.def(
        "knn_cuda",
        [](Address query, int64_t queries, Address query_row, Address start, Address points,
           int64_t count, Address point_row, Address box, int64_t k, int64_t done, Address index,
           Address distance, int device, Address stream) {
            const pd::KnnCudaParams params{Pointer{query},
                                           queries,
                                           Pointer{query_row},
                                           Pointer{start},
                                           Pointer{points},
                                           count,
                                           Pointer{point_row},
                                           Pointer{box},
                                           k,
                                           done,
                                           Pointer{index},
                                           Pointer{distance}};
            PDENGINE_RUN_CUDA("knn", pdengine_knn, params, device, Pointer{stream});
        },
        Unlocked(), py::kw_only(), "query"_a, "queries"_a, "query_row"_a, "start"_a, "points"_a,
        "count"_a, "point_row"_a, "box"_a, "k"_a, "done"_a, "index"_a, "distance"_a, "device"_a,
        "stream"_a);
    m.def(
        "farthest_points_cuda",
        [](Address xyz, int64_t points, int64_t count, int64_t first, Address nearest, Address best,
           Address index, int device, Address stream) {
            const pd::FarthestPointsCudaParams params{
                Pointer{xyz},     points,        count,         first,
                Pointer{nearest}, Pointer{best}, Pointer{index}};
            PDENGINE_RUN_CUDA("farthest_points", pdengine_farthest_points, params, device,
                              Pointer{stream});
        },
        Unlocked(), py::kw_only(), "xyz"_a, "points"_a, "count"_a, "first"_a, "nearest"_a, "best"_a,
        "index"_a, "device"_a, "stream"_a);
}

void define_cuda_ops(py::module_& m) {
    m.def(
        "cuda_reason",
        [](int device) {
            const std::string reason = pd::cuda_reason(device);
            return reason.empty() ? std::nullopt : std::optional<std::string>(reason);
        },
        "device"_a = 0);
    m.def("cuda_emulated", &pd::cuda_emulated);
    m.def("open_cuda_library", &pd::open_cuda_library, py::arg("path"), py::arg("emulated"));
    define_image_ops(m);
    define_lifts(m);
    define_voxel_ops(m);
}
