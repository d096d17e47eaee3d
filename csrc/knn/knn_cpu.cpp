#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/check_size.h"
#include "core/parallel.h"
#include "knn/build_tree.h"
#include "knn/knn.h"
#include "knn/lanes.h"
#include "knn/nearest.h"
#include "knn/tree.h"

namespace pdengine {
namespace {

// A query has its k nearest among the points within some distance, if those are k or more.  How
// far that has to be is guessed from the queries before, which are near; where a guess is too short
// or takes in too much, the tree is descended, which needs none.
class Search {
  public:
    Search(const Tree& tree, const KnnParams& params, const Lanes& lanes)
        : tree_(tree),
          p_(params),
          k_(params.index.size[1]),
          lanes_(lanes),
          most_(k_ <= kManyNear ? 48 + k_ / 2 : 0),
          shared_(most_ + kPast),
          own_(most_ + kPast),
          above_(most_ + kPast),
          found_(most_ * kBlock),
          nearest_(k_) {}

    // The queries of a block, which share the blocks that are within reach of their box.
    void run(const Block& queries, int count, const Box& box) {
        const float reach = kGroup * widest_;
        const int64_t listed = gather(box, reach, shared_);
        widest_ = 0;
        for (int i = 0; i < count; ++i) {
            q_[0] = queries.x[i];
            q_[1] = queries.y[i];
            q_[2] = queries.z[i];
            row_ = queries.row[i];
            if (!answer(shared_, listed, reach)) alone();
            widest_ = std::max(widest_, last_);
        }
    }

  private:
    static constexpr int64_t kManyNear = 4096;  // more are found by descending alone
    // How far the k-th neighbours lie, squared, compared with those found last.  Times of 100,000
    // points are flat around these.
    static constexpr float kGroup = 1.25f;  // of a block, with the farthest of the one before
    static constexpr float kNext = 1.25f;   // of a query, with the one before
    static constexpr float kAlone = 3.0f;   // of a query that neither has answered

    // The blocks within reach of a box; -1 where they are too many.
    int64_t gather(const Box& box, float reach, std::vector<int32_t>& listed) {
        if (most_ == 0 || reach < 0) return -1;
        size_t level = tree_.levels.size();
        listed[0] = 0;
        int64_t count = 1;
        while (level-- > 0) {
            listed.swap(above_);
            const int64_t before = count;
            count = 0;
            for (int64_t i = 0; i < before; ++i) {
                const int32_t entry = above_[i];
                count += lanes_.within(tree_.levels[level][entry], tree_.children(level, entry),
                                       box, reach, entry * kWide, listed.data() + count);
                if (count > most_) return -1;
            }
        }
        return count;
    }

    // False where fewer than k points are within reach; all of those are in the listed blocks.
    bool answer(const std::vector<int32_t>& listed, int64_t count, float reach) {
        if (count < 0) return false;
        const float guess = last_ < 0 ? reach : std::min(reach, kNext * last_);
        int64_t n = lanes_.filter(tree_.blocks.data(), listed.data(), count, q_, guess, found_);
        if (n < k_ && guess < reach)
            n = lanes_.filter(tree_.blocks.data(), listed.data(), count, q_, reach, found_);
        if (n < k_) return false;
        choose(n);
        return true;
    }

    // Writes the k nearest of the points that were found.
    void choose(int64_t n) {
        int64_t* index = p_.index.row(row_);
        float* distance = p_.distance.row(row_);
        if (n <= kRanked && lanes_.rank(found_.distance.data(), n, ranks_)) {
            for (int64_t i = 0; i < n; ++i) {
                sorted_.distance[ranks_[i]] = found_.distance[i];
                sorted_.row[ranks_[i]] = found_.row[i];
            }
            std::copy_n(sorted_.distance.begin(), k_, distance);
            std::copy_n(sorted_.row.begin(), k_, index);
            last_ = distance[k_ - 1];
            return;
        }
        nearest_.clear();
        for (int64_t i = 0; i < n; ++i) nearest_.offer(found_.distance[i], found_.row[i]);
        nearest_.shrink();
        nearest_.write(index, distance);
        last_ = distance[k_ - 1];
    }

    // A query whose block does not answer it.
    void alone() {
        if (last_ >= 0) {
            const Box box{{q_[0], q_[1], q_[2]}, {q_[0], q_[1], q_[2]}};
            const float reach = kAlone * last_;
            if (answer(own_, gather(box, reach, own_), reach)) return;
        }
        nearest_.clear();
        descend(tree_.levels.size() - 1, 0);
        nearest_.shrink();
        nearest_.write(p_.index.row(row_), p_.distance.row(row_));
        last_ = p_.distance.row(row_)[k_ - 1];
    }

    // The nearest box first, until no point inside can matter.
    void descend(size_t level, int64_t entry) {
        const Box box{{q_[0], q_[1], q_[2]}, {q_[0], q_[1], q_[2]}};
        const Boxes& boxes = tree_.levels[level][entry];
        const int children = tree_.children(level, entry);
        uint64_t keys[kWide];
        int order[kWide];
        for (int i = 0; i < children; ++i) {
            const uint64_t key = Nearest::key_of(gap(box, boxes, i), boxes.lowest_row[i]);
            int at = i;
            for (; at > 0 && keys[at - 1] > key; --at) {
                keys[at] = keys[at - 1];
                order[at] = order[at - 1];
            }
            keys[at] = key;
            order[at] = i;
        }
        for (int i = 0; i < children; ++i) {
            if (nearest_.settled(keys[i])) return;
            const int64_t child = entry * kWide + order[i];
            if (level > 0)
                descend(level - 1, child);
            else
                offer(tree_.blocks[child], tree_.points(child));
        }
    }

    void offer(const Block& block, int count) {
        for (int i = 0; i < count; ++i)
            nearest_.offer(squared(q_[0] - block.x[i], q_[1] - block.y[i], q_[2] - block.z[i]),
                           block.row[i]);
    }

    const Tree& tree_;
    const KnnParams& p_;
    const int64_t k_;
    const Lanes& lanes_;
    const int64_t most_;                         // blocks that are listed
    std::vector<int32_t> shared_, own_, above_;  // blocks, and boxes of the level above
    Found found_, sorted_{kRanked};
    int32_t ranks_[kRanked + kPast];
    Nearest nearest_;
    float q_[3];
    int32_t row_;        // of the query
    float last_ = -1;    // the squared distance of the last query's k-th neighbour
    float widest_ = -1;  // the largest of a block
};

void check_sizes(const KnnParams& p) {
    const SizeCheck check("knn");
    const Side Q(p.query.size[0], "Q"), P(p.points.size[0], "P"), k(p.index.size[1], "k");
    check("query", p.query, {Q, 3});
    check("points", p.points, {P, 3});
    check("index", p.index, {Q, k});
    check("distance", p.distance, {Q, k});
    check.rows("points", P.size);
    if (Q.size > 0) check.range("k, the columns of index,", k.size, 1, P.size);
}

}  // namespace

void knn(const KnnParams& params, int threads) {
    check_sizes(params);
    const int64_t queries = params.query.size[0], k = params.index.size[1];
    const int64_t work = queries * (1000 + 60 * k);
    const int many = threads_for(work, threads);
    const Lanes lanes;
    const Tree tree = build_tree(params.points, lanes, many);
    // Points that ask for their own neighbours are in order already.
    const bool same = params.query.data == params.points.data && queries == params.points.size[0];
    const Tree other = same ? Tree{} : build_tree(params.query, lanes, many);
    const Tree& asked = same ? tree : other;
    parallel_for(
        asked.blocks.size(), many,
        [&](int64_t begin, int64_t end) {
            Search search(tree, params, lanes);
            for (int64_t i = begin; i < end; ++i)
                search.run(asked.blocks[i], asked.points(i),
                           asked.levels[0][i / kWide].at(i % kWide));
        },
        kManyShares);
}

}  // namespace pdengine
