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
    explicit Nearest(int64_t k) : k_(k), few_(k <= kFew), room_(few_ ? k + 1 : 2 * k + 64) {
        keys_.reserve(room_);
    }

    void clear() {
        keys_.clear();
        bound_ = ~uint64_t{0};
    }
    static uint64_t key_of(float distance, int32_t row) {
        uint32_t bits;
        std::memcpy(&bits, &distance, sizeof bits);
        return (static_cast<uint64_t>(bits) << 32) | static_cast<uint32_t>(row);
    }
    // Points at this squared distance or more, of this row or higher, cannot change the answer.
    bool settled(float distance, int32_t row) const { return key_of(distance, row) > bound_; }
    void offer(float distance, int32_t row) {
        const uint64_t key = key_of(distance, row);
        if (key > bound_) return;
        keys_.push_back(key);
        if (few_) {  // in order at once: the bound is always the k-th
            size_t at = keys_.size() - 1;
            for (; at > 0 && keys_[at - 1] > key; --at) keys_[at] = keys_[at - 1];
            keys_[at] = key;
            if (keys_.size() < k_) return;
            keys_.resize(k_);
            bound_ = keys_[k_ - 1];
        } else if (keys_.size() == room_) {
            shrink();
        }
    }
    // Keep the k least; afterwards no key above the k-th is taken.
    void shrink() {
        if (few_ || keys_.size() < k_) return;
        std::nth_element(keys_.begin(), keys_.begin() + (k_ - 1), keys_.end());
        keys_.resize(k_);
        bound_ = keys_[k_ - 1];
    }
    // A point at this squared distance or more away cannot change the answer.  At the k-th
    // distance itself it still can: its index may be lower.
    bool settled(float distance) const {
        uint32_t bits;
        std::memcpy(&bits, &distance, sizeof bits);
        return bits > bound_ >> 32;
    }
    void write(int64_t* index, float* distance) {
        if (!few_) std::sort(keys_.begin(), keys_.end());
        for (size_t i = 0; i < k_; ++i) {
            index[i] = static_cast<int64_t>(keys_[i] & 0xffffffffu);
            const uint32_t bits = static_cast<uint32_t>(keys_[i] >> 32);
            std::memcpy(distance + i, &bits, sizeof bits);
        }
    }

  private:
    static constexpr int64_t kFew = 8;
    size_t k_;
    bool few_;
    size_t room_;
    std::vector<uint64_t> keys_;
    uint64_t bound_ = ~uint64_t{0};
};

}  // namespace pdengine
