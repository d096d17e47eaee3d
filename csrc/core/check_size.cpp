#include "core/check_size.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string>

namespace pdengine {
namespace {

std::string number(double value) {
    std::ostringstream out;
    out.precision(15);
    out << value;
    return out.str();
}

std::string listed(const int64_t* size, int rank) {
    std::string out;
    for (int d = 0; d < rank; ++d) out += (d > 0 ? ", " : "") + std::to_string(size[d]);
    return "[" + out + "]";
}

// [V, H, W] with V=10: a letter stands for what the other fields say.
std::string said(const int64_t* size, const Side* rule, int rank) {
    std::string out, known;
    for (int d = 0; d < rank; ++d) {
        const Side& side = rule[d];
        const std::string value = std::to_string(side.size);
        out += (d > 0 ? ", " : "") + (side.letter != nullptr ? side.letter : value);
        if (side.letter != nullptr && side.size != size[d])
            known += (known.empty() ? " with " : ", ") + (side.letter + ("=" + value));
    }
    return "[" + out + "]" + known;
}

[[noreturn]] void refuse(const char* op, const char* of, const Field& field,
                         const std::string& why) {
    std::string name = std::string(of) + field.name;
    if (field.index >= 0) name += "[" + std::to_string(field.index) + "]" + field.part;
    throw std::invalid_argument(std::string(op) + ": " + name + " must " + why);
}

}  // namespace

void SizeCheck::look(const Field& field, bool is_null, const int64_t* size, const Side* rule,
                     int rank) const {
    const auto negative = [](int64_t s) { return s < 0; };
    if (std::any_of(size, size + rank, negative))
        refuse(op_, of_, field, "have no negative size, got " + listed(size, rank));
    bool fits = true, is_empty = false, has_no_size = true, asks_none = false;
    for (int d = 0; d < rank; ++d) {
        fits &= size[d] == rule[d].size;
        is_empty |= size[d] == 0;
        has_no_size &= size[d] == 0;
        asks_none |= rule[d].size == 0;
    }
    if (!fits && !(asks_none && has_no_size))
        refuse(op_, of_, field, "be " + said(size, rule, rank) + ", got " + listed(size, rank));
    if (is_null && !is_empty)
        refuse(op_, of_, field, "not be null where it is " + listed(size, rank));
}

void SizeCheck::out_of_range(const Field& field, double value, double low, double high) const {
    refuse(op_, of_, field,
           "be in [" + number(low) + ", " + number(high) + "], got " + number(value));
}

void SizeCheck::not_odd(const Field& field, int64_t value, int64_t largest) const {
    refuse(op_, of_, field,
           "be odd and at most " + std::to_string(largest) + ", got " + std::to_string(value));
}

void SizeCheck::too_many(const Field& field, int64_t count) const {
    refuse(op_, of_, field, "have fewer than 2^31 rows, got " + std::to_string(count));
}

void SizeCheck::wrong_ends(int64_t first, int64_t last, const Side& values) const {
    refuse(op_, of_, "offsets",
           std::string("ascend from 0 to ") + values.letter + "=" + std::to_string(values.size) +
               ", got " + std::to_string(first) + " to " + std::to_string(last));
}

void SizeCheck::wrong_entries(const Field& field, int64_t count, const char* rule,
                              int64_t expected) const {
    refuse(op_, of_, field,
           std::string("have ") + rule + ", " + std::to_string(expected) + ", got " +
               std::to_string(count));
}

}  // namespace pdengine
