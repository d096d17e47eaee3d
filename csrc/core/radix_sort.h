// Sorting by a key of known width: stable, and linear in the number of items.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace pdengine {

struct KeyedRow {
    uint64_t key;
    int64_t row;
};

// Sorts by the low `bits` of the keys; the bits above must be equal.  Equal keys keep their order.
inline void radix_sort(std::vector<KeyedRow>& items, int bits) {
    constexpr int kDigit = 11;
    std::vector<KeyedRow> other(items.size());
    for (int shift = 0; shift < bits; shift += kDigit) {
        std::array<int64_t, (1 << kDigit) + 1> start{};
        const auto digit = [&](uint64_t key) { return (key >> shift) & ((1 << kDigit) - 1); };
        for (const KeyedRow& item : items) ++start[digit(item.key) + 1];
        for (int d = 0; d < 1 << kDigit; ++d) start[d + 1] += start[d];
        for (const KeyedRow& item : items) other[start[digit(item.key)]++] = item;
        items.swap(other);
    }
}

// How many bits the numbers 0 .. largest need.
inline int bit_width(uint64_t largest) {
    int bits = 0;
    while (largest >> bits) ++bits;
    return bits;
}

}  // namespace pdengine
