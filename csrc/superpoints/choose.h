// Which neighbour a region would join: a scalar loop, and one over eight neighbours at a time.
#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/cpu_features.h"
#include "core/parallel.h"
#include "superpoints/fours.h"
#include "superpoints/regions.h"
#include "superpoints/superpoints.h"

namespace pdengine {

// What a gain needs to know of a region, in fours: its size, the mean of each feature, zeros, and
// last the bits of its first point's number.
struct About {
    int64_t fours;
    Buffer<float> data;

    About(int64_t count, int64_t columns) : fours((columns + 5) / 4), data(count * fours * 4) {}

    void describe(const Regions& regions, int64_t r, int64_t columns) const {
        float* row = data.at(r * fours * 4);
        const auto steps = static_cast<double>(regions.size[r] * kStep);
        const int64_t* total = regions.total.data() + r * columns;
        row[0] = static_cast<float>(regions.size[r]);
        for (int64_t c = 0; c < columns; ++c)
            row[1 + c] = static_cast<float>(static_cast<double>(total[c]) / steps);
        std::fill(row + 1 + columns, row + fours * 4 - 1, 0.0f);
        std::memcpy(row + fours * 4 - 1, &regions.first[r], sizeof(int32_t));
    }
    const float* of(int64_t region) const { return data.at(region * fours * 4); }
};

// 32 bits that look random, the same for both directions.
inline uint32_t hash(uint32_t one, uint32_t other) {
    uint32_t mixed =
        (std::min(one, other) * 0x9E3779B1u) ^ (std::max(one, other) * 0x85EBCA77u + 0x165667B1u);
    mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6Du;
    mixed = (mixed ^ mixed >> 12) * 0x297A2D39u;
    return mixed ^ mixed >> 15;
}

// An integer that orders like the gain, without the bits that do not count.
inline int32_t rank(float gain) {
    int32_t bits;
    std::memcpy(&bits, &gain, sizeof bits);
    return (bits < 0 ? bits ^ 0x7fffffff : bits) >> kGainBits;
}

constexpr int32_t kNoRank = std::numeric_limits<int32_t>::min();

// Of the neighbours in `row`, the one of the highest gain, then the lowest hash, then the first; -1
// where none lowers the energy and `any` does not take it all the same.
template <typename Weight>
int32_t best_of(const About& about, const Regions& regions, const Neighbour<Weight>* row,
                int32_t degree, int64_t r, int64_t columns, float regularisation, bool any) {
    const float* mine = about.of(r);
    int32_t best = kNoRank, found = -1;
    for (int32_t a = 0; a < degree; ++a) {
        const int32_t other = row[a].region;
        const float* its = about.of(other);
        const float cut = static_cast<float>(row[a].weight) * (1.0f / kStep);
        const float spread =
            squared_distance(mine + 1, its + 1, columns) * (mine[0] * its[0] / (mine[0] + its[0]));
        const float gain = regularisation * cut - spread;
        if (!any && !(gain > 0)) continue;
        const int32_t now = rank(gain);
        if (now < best) continue;
        if (now == best) {
            const int32_t self = regions.first[r], held = regions.first[found];
            const int32_t its_first = regions.first[other];
            const uint32_t old = hash(self, held), fresh = hash(self, its_first);
            if (fresh > old || (fresh == old && its_first > held)) continue;
        }
        best = now;
        found = other;
    }
    return found;
}

#if defined(__x86_64__)
namespace avx2 {

// As `hash`, of one number and eight others.
PDENGINE_AVX2 inline __m256i hash(__m256i one, __m256i other) {
    const auto times = [](__m256i value, uint32_t by) PDENGINE_AVX2 {
        return _mm256_mullo_epi32(value, _mm256_set1_epi32(static_cast<int32_t>(by)));
    };
    const __m256i low = _mm256_min_epu32(one, other), high = _mm256_max_epu32(one, other);
    __m256i mixed =
        _mm256_xor_si256(times(low, 0x9E3779B1u),
                         _mm256_add_epi32(times(high, 0x85EBCA77u), _mm256_set1_epi32(0x165667B1)));
    mixed = times(_mm256_xor_si256(mixed, _mm256_srli_epi32(mixed, 15)), 0x2C1B3C6Du);
    mixed = times(_mm256_xor_si256(mixed, _mm256_srli_epi32(mixed, 12)), 0x297A2D39u);
    return _mm256_xor_si256(mixed, _mm256_srli_epi32(mixed, 15));
}

// The extreme of eight lanes, in all of them: kHighest, or the lowest.
template <bool kHighest>
PDENGINE_AVX2 inline __m256i extreme(__m256i v) {
    const auto of = [](__m256i a, __m256i b) PDENGINE_AVX2 {
        return kHighest ? _mm256_max_epi32(a, b) : _mm256_min_epi32(a, b);
    };
    v = of(v, _mm256_permute2x128_si256(v, v, 1));
    v = of(v, _mm256_shuffle_epi32(v, _MM_SHUFFLE(1, 0, 3, 2)));
    return of(v, _mm256_shuffle_epi32(v, _MM_SHUFFLE(2, 3, 0, 1)));
}

// As best_of, bit for bit; it reads past the end of the row.
template <int kFours>
PDENGINE_AVX2 int32_t best_of(const About& about, const Regions& regions,
                              const Neighbour<int32_t>* row, int32_t degree, int64_t r,
                              int64_t /*columns*/, float regularisation, bool any) {
    const int64_t fours = kFours > 0 ? kFours : about.fours, width = fours * 4;
    const float* mine = about.of(r);
    const __m256i order = _mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7);  // as the shuffles leave them
    const __m256i none = _mm256_set1_epi32(kNoRank), own = _mm256_set1_epi32(static_cast<int>(r));
    const __m256i self = _mm256_set1_epi32(regions.first[r]);
    __m256i best_rank = none, best_hash = none, best_first = none, best = none;
    for (int32_t a = 0; a < degree; a += kLanes) {
        const __m256 four = _mm256_loadu_ps(reinterpret_cast<const float*>(row + a));
        const __m256 more = _mm256_loadu_ps(reinterpret_cast<const float*>(row + a + 4));
        const __m256i weight =
            _mm256_castps_si256(_mm256_shuffle_ps(four, more, _MM_SHUFFLE(2, 0, 2, 0)));
        const __m256i named =
            _mm256_castps_si256(_mm256_shuffle_ps(four, more, _MM_SHUFFLE(3, 1, 3, 1)));
        const __m256i live = _mm256_cmpgt_epi32(_mm256_set1_epi32(degree - a), order);
        const __m256i region = _mm256_blendv_epi8(own, named, live);

        alignas(32) int32_t listed[kLanes];
        _mm256_store_si256(reinterpret_cast<__m256i*>(listed), region);
        Four its = four_of(about.of(0), width, listed);
        const __m256 size = its.column[0], my_size = _mm256_broadcast_ss(mine);
        __m256 square = _mm256_setzero_ps();
        for (int64_t f = 0; f < fours; ++f) {
            if (f > 0) its = four_of(about.of(0) + 4 * f, width, listed);
            square = add_squares(square, mine + 4 * f, its, f == 0, f == fours - 1 ? 3 : 4);
        }
        const __m256i first = _mm256_castps_si256(its.column[3]);
        const __m256 cut = _mm256_mul_ps(_mm256_cvtepi32_ps(weight), _mm256_set1_ps(1.0f / kStep));
        const __m256 spread = _mm256_mul_ps(
            square, _mm256_div_ps(_mm256_mul_ps(my_size, size), _mm256_add_ps(my_size, size)));
        const __m256 gain =
            _mm256_sub_ps(_mm256_mul_ps(_mm256_set1_ps(regularisation), cut), spread);

        __m256i may = live;
        if (!any)
            may = _mm256_and_si256(
                may, _mm256_castps_si256(_mm256_cmp_ps(gain, _mm256_setzero_ps(), _CMP_GT_OQ)));
        const __m256i bits = _mm256_castps_si256(gain);
        const __m256i flip = _mm256_srli_epi32(_mm256_srai_epi32(bits, 31), 1);
        const __m256i ordered = _mm256_srai_epi32(_mm256_xor_si256(bits, flip), kGainBits);
        const __m256i now = _mm256_blendv_epi8(none, ordered, may);
        // Signed, as comparisons are.
        const __m256i hashed = _mm256_xor_si256(hash(self, first), none);
        const auto both = [](__m256i x, __m256i y) PDENGINE_AVX2 { return _mm256_and_si256(x, y); };
        const auto equal = [](__m256i x, __m256i y)
                               PDENGINE_AVX2 { return _mm256_cmpeq_epi32(x, y); };
        const __m256i lower =
            _mm256_or_si256(_mm256_cmpgt_epi32(best_hash, hashed),
                            both(equal(best_hash, hashed), _mm256_cmpgt_epi32(best_first, first)));
        const __m256i better =
            _mm256_or_si256(_mm256_cmpgt_epi32(now, best_rank), both(equal(now, best_rank), lower));
        best_rank = _mm256_blendv_epi8(best_rank, now, better);
        best_hash = _mm256_blendv_epi8(best_hash, hashed, better);
        best_first = _mm256_blendv_epi8(best_first, first, better);
        best = _mm256_blendv_epi8(best, region, better);
    }
    const __m256i top = extreme<true>(best_rank);
    if (_mm256_cvtsi256_si32(top) == kNoRank) return -1;
    const __m256i most = _mm256_set1_epi32(std::numeric_limits<int32_t>::max());
    __m256i left = _mm256_cmpeq_epi32(best_rank, top);
    for (const __m256i value : {best_hash, best_first}) {
        const __m256i lowest = extreme<false>(_mm256_blendv_epi8(most, value, left));
        left = _mm256_and_si256(left, _mm256_cmpeq_epi32(value, lowest));
    }
    alignas(32) int32_t region[kLanes];
    _mm256_store_si256(reinterpret_cast<__m256i*>(region), best);
    return region[__builtin_ctz(_mm256_movemask_ps(_mm256_castsi256_ps(left)))];
}

}  // namespace avx2
#endif

// Each region's choice; -1 where there is none that lowers the energy, or, filling, where the
// region is large enough.
template <typename Weight>
class Chooser {
  public:
    Chooser(const SuperpointsParams& p, bool filling) : p_(p), filling_(filling) {
#if defined(__x86_64__)
        if constexpr (std::is_same_v<Weight, int32_t>) {
            if (simd() == Simd::portable) return;
            const int64_t fours = About(0, p.features.size[1]).fours;
            run_ = fours == 2 ? avx2::best_of<2> : fours == 3 ? avx2::best_of<3> : avx2::best_of<0>;
        }
#endif
    }
    int32_t operator()(const About& about, const Regions& regions, const Neighbour<Weight>* row,
                       int64_t r) const {
        if (filling_ && regions.size[r] >= p_.smallest) return -1;
        return run_(about, regions, row, regions.degree[r], r, p_.features.size[1],
                    p_.regularisation, filling_);
    }

  private:
    const SuperpointsParams& p_;
    bool filling_;
    int32_t (*run_)(const About&, const Regions&, const Neighbour<Weight>*, int32_t, int64_t,
                    int64_t, float, bool) = best_of<Weight>;
};

}  // namespace pdengine
