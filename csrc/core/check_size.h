// Whether the sizes of a call fit together, asked where an op begins: a few comparisons a view,
// however large it is.
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor_view.h"

namespace pdengine {

// A size that a view must have: a number, or what a letter of the header stands for.
struct Side {
    Side(int64_t size, const char* letter = nullptr) : size(size), letter(letter) {}

    int64_t size;
    const char* letter;
};

// What a view is called.  One of several: encoder[2].scale
struct Field {
    Field(const char* name, int64_t index = -1, const char* part = "")
        : name(name), index(index), part(part) {}

    const char* name;
    int64_t index;  // -1: it is the only one
    const char* part;
};

// Throws std::invalid_argument, which names the op, the field, the rule and the value.
class SizeCheck {
  public:
    // of: what stands before the name of each field.
    explicit SizeCheck(const char* op, const char* of = "") : op_(op), of_(of) {}

    // A view has these sizes, none of them negative, and is not null where it holds a value.  Where
    // none is expected it may also be {}: null, and 0 in every size.
    template <typename T, int Rank>
    void operator()(const Field& field, const TensorView<T, Rank>& view,
                    const Side (&rule)[Rank]) const {
        bool fits = view.data != nullptr;
        for (int d = 0; d < Rank; ++d) fits &= (view.size[d] == rule[d].size) & (view.size[d] >= 0);
        if (!fits) look(field, view.data == nullptr, view.size.data(), rule, Rank);
    }

    void range(const Field& field, double value, double low, double high) const {
        if (!(value >= low && value <= high)) out_of_range(field, value, low, high);
    }

    void odd(const Field& field, int64_t value, int64_t largest) const {
        if (value < 1 || value > largest || value % 2 == 0) not_odd(field, value, largest);
    }

    // The rows of a view are counted in 32 bits.
    void rows(const Field& field, int64_t count) const {
        if (count > INT32_MAX) too_many(field, count);
    }

    // The sides of an image, where there is one.
    void image(const Side& views, int64_t height, int64_t width) const {
        if (views.size == 0) return;
        range("height", static_cast<double>(height), 1, kLargestSide);
        range("width", static_cast<double>(width), 1, kLargestSide);
    }

    void cameras(const Side& views, const TensorView<const float, 3>& rotation,
                 const TensorView<const float, 2>& translation,
                 const TensorView<const float, 1>& focal) const {
        (*this)("rotation", rotation, {views, 3, 3});
        (*this)("translation", translation, {views, 3});
        (*this)("focal", focal, {views});
    }

    // Where rows begin, and where the last one ends: behind all values.
    void offsets(const TensorView<const int64_t, 1>& offsets, const Side& begins,
                 const Side& values) const {
        (*this)("offsets", offsets, {begins});
        const int64_t first = offsets.data[0], last = offsets.data[begins.size - 1];
        if (first != 0 || last != values.size) wrong_ends(first, last, values);
    }

    // rule: "as many entries as levels", which are so many.
    template <typename Entry>
    void entries(const Field& field, const std::vector<Entry>& list, const char* rule,
                 int64_t expected) const {
        const auto count = static_cast<int64_t>(list.size());
        if (count != expected) wrong_entries(field, count, rule, expected);
    }

  private:
    static constexpr int kLargestSide = 16384;  // pixels

    // Throws where the view is wrong indeed.
    void look(const Field& field, bool is_null, const int64_t* size, const Side* rule,
              int rank) const;
    [[noreturn]] void out_of_range(const Field& field, double value, double low, double high) const;
    [[noreturn]] void not_odd(const Field& field, int64_t value, int64_t largest) const;
    [[noreturn]] void too_many(const Field& field, int64_t count) const;
    [[noreturn]] void wrong_ends(int64_t first, int64_t last, const Side& values) const;
    [[noreturn]] void wrong_entries(const Field& field, int64_t count, const char* rule,
                                    int64_t expected) const;

    const char *op_, *of_;
};

}  // namespace pdengine
