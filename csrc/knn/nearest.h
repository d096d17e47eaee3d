// The nearest points of one query, as far as it has seen any.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace pdengine {

// The k least of the keys offered.  Squared distances are not negative, so they order like their
// bits, and (distance bits, index) packed into one word orders by distance, then by index.
class Nearest {
  public:
    explicit Nearest(int64_t k) : k_(k), few_(k <= kFew), keys_(few_ ? k : 2 * k + 64) {}

    void clear() {
        count_ = 0;
        bound_ = ~uint64_t{0};
    }
    static uint64_t key_of(float distance, int32_t row) {
        uint32_t bits;
        std::memcpy(&bits, &distance, sizeof bits);
        return (static_cast<uint64_t>(bits) << 32) | static_cast<uint32_t>(row);
    }
    // A point of this key or a higher one cannot change the answer.
    bool settled(uint64_t key) const { return key > bound_; }
    void offer(float distance, int32_t row) {
        const uint64_t key = key_of(distance, row);
        if (key > bound_) return;
        if (few_) {  // in order at once: the bound is always the k-th
            size_t at = count_ < k_ ? count_++ : k_ - 1;
            for (; at > 0 && keys_[at - 1] > key; --at) keys_[at] = keys_[at - 1];
            keys_[at] = key;
            if (count_ == k_) bound_ = keys_[k_ - 1];
        } else {
            keys_[count_++] = key;
            if (count_ == keys_.size()) shrink();
        }
    }
    // Keep the k least; afterwards no key above the k-th is taken.
    void shrink() {
        if (few_ || count_ < k_) return;
        std::nth_element(keys_.begin(), keys_.begin() + (k_ - 1), keys_.begin() + count_);
        count_ = k_;
        bound_ = keys_[k_ - 1];
    }
    void write(int64_t* index, float* distance) {
        if (!few_) std::sort(keys_.begin(), keys_.begin() + k_);
        for (size_t i = 0; i < k_; ++i) {
            index[i] = static_cast<int64_t>(keys_[i] & 0xffffffffu);
            const uint32_t bits = static_cast<uint32_t>(keys_[i] >> 32);
            std::memcpy(distance + i, &bits, sizeof bits);
        }
    }

  private:
    static constexpr int64_t kFew = 32;
    size_t k_;
    bool few_;
    std::vector<uint64_t> keys_;  // the first count_
    size_t count_ = 0;
    uint64_t bound_ = ~uint64_t{0};
};

}  // namespace pdengine
