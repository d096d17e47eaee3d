#!/usr/bin/env bash
# Everything that needs a GPU, in one call of at most 9 minutes:
#
#     bash bench/gpu_check.sh [FOLDER]
#
# builds the C++ core and the CUDA library, runs the tests of every op and of the engine on the GPU,
# sanitises the CUDA ops, measures the machine's limits, and times every op and the engine.  FOLDER
# (default out/gpu) receives the logs, limits.json and the rows for bench/results.csv.  Needs nvcc,
# CMake, ninja, a Python with torch for CUDA, triton, pybind11, pytest, and nothing from the network.
# Every step runs even where one before it failed; the last lines say which did, and the exit status
# is how many.
set -uo pipefail
cd "$(dirname "$0")/.."
OUT=${1:-out/gpu}
PYTHON=${PYTHON:-python3}
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
export PYTHONPATH=$OUT/path PYTHONUNBUFFERED=1
FAILED=()

step() {  # step NAME SECONDS COMMAND...
    local name=$1 seconds=$2 start=$SECONDS
    shift 2
    echo "== $name"
    timeout "$seconds" "$@" > "$OUT/$name.log" 2>&1
    local status=$?
    tail -n "${TAIL:-6}" "$OUT/$name.log"
    echo "== $name: exit $status after $((SECONDS - start)) s"
    [ $status -eq 0 ] || FAILED+=("$name")
}

# The tree is used in place, under a folder that holds nothing but the package's name: kernels/ must
# not be importable as a top-level package.
mkdir -p "$OUT/path"
ln -sfn "$PWD/pdengine" "$OUT/path/pdengine"

build() {
    cmake -S . -B build/gpu -G Ninja -DCMAKE_BUILD_TYPE=Release -DPDENGINE_CUDA=1 \
        -DPython_EXECUTABLE="$(command -v "$PYTHON")" \
        -Dpybind11_DIR="$("$PYTHON" -m pybind11 --cmakedir)" \
        -DPDENGINE_OUTPUT="$PWD/pdengine" && cmake --build build/gpu
}
export -f build
export PYTHON

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv || exit 1
step build 90 bash -c build
# What needs no GPU (compiling ahead of time, the library's own build) is tested elsewhere.
step tests 120 "$PYTHON" -m pytest -q tests/kernels --maxfail=30 \
    --ignore=tests/kernels/test_ahead_of_time.py --ignore=tests/kernels/test_cuda_library.py
step engine_tests 70 "$PYTHON" -m pytest -q tests/test_gpu.py tests/distill/test_replay.py \
    tests/distill/test_stacked.py tests/distill/test_devices.py --maxfail=10
for tool in memcheck racecheck initcheck synccheck; do
    step "$tool" 25 compute-sanitizer --tool "$tool" --error-exitcode 9 --launch-timeout 60 \
        "$PYTHON" bench/gpu_smoke.py
done
step limits 30 "$PYTHON" bench/gpu_limits.py --json "$OUT/limits.json"
TAIL=60 step ops 90 "$PYTHON" bench/gpu_ops.py --limits "$OUT/limits.json" --csv "$OUT/ops.csv"
TAIL=12 step engine 40 "$PYTHON" bench/gpu_engine.py --csv "$OUT/engine.csv"

echo "== ${#FAILED[@]} failed: ${FAILED[*]:-none}"
exit ${#FAILED[@]}
