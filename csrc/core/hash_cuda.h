// An open hash table of 64-bit keys in global memory: power of two slots, at most half full, linear
// probing.  Where a key lands depends on the order of threads; what is in the table does not.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace pdengine {

using HashKey = unsigned long long;
constexpr HashKey kFreeSlot = ~HashKey{0};  // as cudaMemset writes it; never a key

// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit of a key moves every slot
// bit.
__device__ inline HashKey mix(HashKey key) {
    key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9;
    key = (key ^ (key >> 27)) * 0x94d049bb133111eb;
    return key ^ (key >> 31);
}

// The slot of the key, taken for it where it has none.  A slot that is taken never changes again.
__device__ inline int64_t take_slot(HashKey* table, int64_t slots, HashKey key) {
    for (HashKey slot = mix(key);; ++slot) {
        slot &= static_cast<HashKey>(slots - 1);
        const HashKey there = __ldcg(table + slot);
        if (there == key) return static_cast<int64_t>(slot);
        if (there != kFreeSlot) continue;
        const HashKey before = atomicCAS(table + slot, kFreeSlot, key);
        if (before == kFreeSlot || before == key) return static_cast<int64_t>(slot);
    }
}

// The slot of the key in a table that is complete, -1 where it has none.
__device__ inline int64_t find_slot(const HashKey* table, int64_t slots, HashKey key) {
    for (HashKey slot = mix(key);; ++slot) {
        slot &= static_cast<HashKey>(slots - 1);
        const HashKey there = table[slot];
        if (there == key) return static_cast<int64_t>(slot);
        if (there == kFreeSlot) return -1;
    }
}

}  // namespace pdengine
