#!/usr/bin/env bash
# Everything that needs a GPU, in one call of at most 9 minutes:
#
#     bash bench/gpu_check.sh [FOLDER]
#
# builds the C++ core and the CUDA library, runs the tests of every op and of the engine on the GPU,
# sanitises the CUDA ops, measures the machine's limits, and times every op and the engine.  FOLDER
# (default out/gpu) receives log.txt, limits.json, ops.csv and engine.csv, which are written as they
# are measured and whose rows are those of bench/results.csv.  Takes a tree without git
# (PDENGINE_COMMIT=NAME then names the commit), asks nothing of the network and installs nothing: it
# needs what it looks for below.  What is missing is said, every step runs even where one before it
# failed, the last lines say which did, and the exit status is how many.
set -uo pipefail
cd "$(dirname "$0")/.."
OUT=${1:-out/gpu}
PYTHON=${PYTHON:-python3}
WORK=$PWD/build/gpu-check
rm -rf "$WORK"
mkdir -p "$OUT" "$WORK/path"
OUT=$(cd "$OUT" && pwd)
: > "$OUT/log.txt"
# The tree is used in place, under a folder that holds nothing but the package's name: kernels/ must
# not be importable as a top-level package.
ln -sfn "$PWD/pdengine" "$WORK/path/pdengine"
export PYTHON PYTHONPATH=$WORK/path PYTHONUNBUFFERED=1
# What was installed lies beside Python, and CUDA's tools often on no path.
PATH=$PATH:$(dirname "$("$PYTHON" -c 'import sys; print(sys.executable)')"):/usr/local/cuda/bin
FAILED=()
declare -A DUE

start() {  # start NAME SECONDS COMMAND...: beside what comes next
    local name=$1 seconds=$2 began=$SECONDS
    shift 2
    DUE[$name]=$((SECONDS + seconds + 10))
    (
        timeout -k 5 "$seconds" "$@" > "$WORK/$name.log" 2>&1
        echo "$? $((SECONDS - began))" > "$WORK/$name.ended"
        mv "$WORK/$name.ended" "$WORK/$name.status"
    ) > /dev/null 2>&1 &
}

keep() {  # keep NAME HOW: move its log behind the others
    { echo "== $1: $2"; cat "$WORK/$1.log"; } >> "$OUT/log.txt"
    rm "$WORK/$1.log"
}

finish() {  # finish NAME...: waits, shows how each log ends, and keeps all of them
    local name status spent
    for name in "$@"; do
        # A process that waits for a broken GPU cannot be ended: it is left behind.
        until [ -e "$WORK/$name.status" ] || [ "$SECONDS" -gt "${DUE[$name]}" ]; do sleep 0.2; done
        status=137 spent="too many"
        [ ! -e "$WORK/$name.status" ] || read -r status spent < "$WORK/$name.status"
        echo "== $name"
        tail -n "$([ "$status" -eq 0 ] && echo "${TAIL:-4}" || echo 40)" "$WORK/$name.log" | cut -c -200
        echo "== $name: exit $status after $spent s"
        keep "$name" "exit $status after $spent s"
        [ "$status" -eq 0 ] || FAILED+=("$name")
    done
}

cut_off() {  # what had been said when the whole was ended
    local log
    for log in "$WORK"/*.log; do
        [ ! -e "$log" ] || keep "$(basename "$log" .log)" "cut off after $SECONDS s"
    done
}
trap cut_off EXIT
trap 'exit 143' INT TERM

step() {  # step NAME SECONDS COMMAND...: alone
    start "$@"
    finish "$1"
}

missing() {
    local tool found=0
    for tool in "$PYTHON" cmake ninja nvcc c++ nvidia-smi compute-sanitizer; do
        command -v "$tool" > /dev/null || { echo "missing: $tool"; found=1; }
    done
    "$PYTHON" - << 'END' || found=1
import importlib.util
import sys

needed = "torch triton numpy scipy safetensors PIL rich pybind11 pytest pytest_timeout"
lacking = [name for name in needed.split() if importlib.util.find_spec(name) is None]
print(*(f"missing: the Python package {name}" for name in lacking), sep="\n")
print(sys.version)
if not lacking:
    import torch, triton

    print(f"torch {torch.__version__}, triton {triton.__version__}, a GPU: {torch.cuda.is_available()}")
sys.exit(bool(lacking))
END
    nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv
    return $found
}

build() {  # without nvcc the Triton kernels can still be tested
    local cuda
    for cuda in 1 0; do
        cmake -S . -B build/gpu -G Ninja -DCMAKE_BUILD_TYPE=Release -DPDENGINE_CUDA=$cuda \
            -DPython_EXECUTABLE="$("$PYTHON" -c 'import sys; print(sys.executable)')" \
            -Dpybind11_DIR="$("$PYTHON" -m pybind11 --cmakedir)" \
            -DPDENGINE_OUTPUT="$PWD/pdengine" && cmake --build build/gpu && [ $cuda = 1 ] && return
    done
    return 1
}
export -f missing build

start missing 60 bash -c missing
start build 100 bash -c build
TAIL=20 finish missing
finish build

# Correctness: nothing is timed, so all of it runs at once.  What needs no GPU (the emulated CUDA
# library, compiling ahead of time, the library's own build) is tested elsewhere.
# A worker that hangs on the GPU is ended by its own clock; a session that runs out of time still
# tells what has failed.
PYTEST=("$PYTHON" -m pytest -vv --tb=short --maxfail=60 --timeout=120 -o session_timeout=170)
"$PYTHON" -c 'import xdist' 2> /dev/null && PYTEST+=(-n $(($(nproc) / 3)) --timeout-method=thread)
export OMP_NUM_THREADS=2
start tests 200 "${PYTEST[@]}" tests/kernels -k "not emulated" \
    --ignore=tests/kernels/test_ahead_of_time.py --ignore=tests/kernels/test_cuda_library.py
start engine_tests 200 "${PYTEST[@]}" tests/test_gpu.py tests/distill/test_replay.py \
    tests/distill/test_stacked.py tests/distill/test_devices.py \
    "tests/teach/test_train.py::test_a_few_steps_lower_the_loss[cuda]"
TOOLS=(memcheck racecheck initcheck synccheck)
PORT=49152
for tool in "${TOOLS[@]}"; do
    # Of torch's kernels only initcheck wants to know, for what they write.
    MORE=(--kernel-name kns=pdengine)
    [ "$tool" = initcheck ] && MORE=()
    # Torch asks the driver some questions that it refuses; our ops look at every answer.
    [ "$tool" = memcheck ] && MORE+=(--report-api-errors no)
    # From torch's pool all tensors are pieces of one allocation, where nothing is out of bounds and
    # what another tensor wrote is not uninitialised.
    start "$tool" 150 env PYTORCH_NO_CUDA_MEMORY_CACHING=1 compute-sanitizer --tool "$tool" \
        --port $((PORT += 20)) --error-exitcode 9 --launch-timeout 120 "${MORE[@]}" \
        "$PYTHON" bench/gpu_smoke.py
done
start doctor 60 "$PYTHON" -c 'import sys; from pdengine.doctor import report; sys.exit(report(sys.stdout))'
finish tests engine_tests "${TOOLS[@]}"
TAIL=20 finish doctor
unset OMP_NUM_THREADS

step limits 35 "$PYTHON" bench/gpu_limits.py --json "$OUT/limits.json"
TAIL=60 step ops 110 "$PYTHON" bench/gpu_ops.py --limits "$OUT/limits.json" --csv "$OUT/ops.csv"
TAIL=20 step engine 90 "$PYTHON" bench/gpu_engine.py --csv "$OUT/engine.csv"

echo "== ${#FAILED[@]} failed: ${FAILED[*]:-none}, after $SECONDS s"
exit ${#FAILED[@]}
