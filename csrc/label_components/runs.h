// The passes over a view's runs.  Included once for each instruction set, in its namespace and with
// PDENGINE_TARGET: what knows it are equal64, negative64, spread8 and set_bits.

// Finds where runs begin in one row; returns how many there are.
PDENGINE_TARGET inline int32_t mark_row(const int32_t* row, const ViewRuns& runs, bool first,
                                        uint64_t* starts) {
    int32_t count = 0;
    for (int32_t word = 0; word < runs.words; ++word) {
        const int32_t* at = row + word * kWord;
        const int32_t pixels = runs.pixels(word);
        uint64_t begins = 0;
        if (word > 0 || (pixels == kWord && !first)) {  // a short word ends with the row
            begins = ~equal64(at + pixels - kWord, at + pixels - kWord - 1) >> (kWord - pixels);
        } else {
            for (int32_t x = 1; x < pixels; ++x) begins |= uint64_t{at[x] != at[x - 1]} << x;
        }
        begins |= word == 0;  // whatever stands before the row
        starts[word] = begins;
        count += set_bits(begins);
    }
    return count;
}

// Which pixels of a word are of a class, and equal the one above, left of that or right of that.
struct Equal {
    uint64_t above = 0, left = 0, right = 0;
};

PDENGINE_TARGET inline Equal compare(const ViewRuns& runs, const int32_t* row, int32_t y,
                                     int32_t word) {
    const int32_t width = runs.width, pixels = runs.pixels(word);
    const int32_t* here = row + word * kWord;
    const int32_t* over = here - width;
    Equal equal;
    if (word > 0 || (pixels == kWord && y > 1)) {
        const int32_t back = kWord - pixels;  // a short word ends with the row
        here -= back;
        over -= back;
        const uint64_t class_ = ~negative64(here);
        equal = {(class_ & equal64(here, over)) >> back, (class_ & equal64(here, over - 1)) >> back,
                 (class_ & equal64(here, over + 1)) >> back};
    } else {  // what is left of it may lie outside the image
        for (int32_t x = 0; x < pixels; ++x) {
            if (here[x] < 0) continue;
            equal.above |= uint64_t{here[x] == over[x]} << x;
            equal.left |= uint64_t{x > 0 && here[x] == over[x - 1]} << x;
            equal.right |= uint64_t{here[x] == over[x + 1]} << x;
        }
    }
    // Beside the first and the last pixel of a row stand those of other rows.
    if (word == 0) equal.left &= ~uint64_t{1};
    if (word + 1 == runs.words) equal.right &= ~(uint64_t{1} << (pixels - 1));
    return equal;
}

// Joins the runs of one row with those of the row above that touch them, corners included.  Two
// runs touch where a pixel equals one above it; of such pixels side by side the first will do.
PDENGINE_TARGET inline void join_rows(ViewRuns& runs, const int32_t* classes, int32_t y) {
    const int32_t width = runs.width;
    const int32_t* row = classes + int64_t{y} * width;
    const uint64_t* starts = runs.starts + int64_t{y} * runs.words;
    const uint64_t* starts_over = starts - runs.words;
    int32_t here = runs.first[y] - 1, there = runs.first[y - 1] - 1;  // the last runs before a word
    for (int32_t word = 0; word < runs.words; ++word) {
        const int32_t pixels = runs.pixels(word);
        const bool last = word + 1 == runs.words;
        const uint64_t begins = starts[word], over = starts_over[word];
        const uint64_t ends =
            begins >> 1 | (last ? uint64_t{1} << (pixels - 1) : starts[word + 1] << 63);
        if ((begins | over | ends) != 0) {  // else they are as before the word: joined already
            const Equal equal = compare(runs, row, y, word);
            const uint64_t above = equal.above & (begins | ~equal.left);
            const uint64_t left = equal.left & ~equal.above & begins;
            const uint64_t right = equal.right & ~equal.above & ends;
            // A pixel's run is the number of starts up to it.  Left and right of a pixel above that
            // differs from them are the runs before and after its own.
            for (uint64_t touch = above | left | right; touch; touch &= touch - 1) {
                const uint64_t upto = touch ^ (touch - 1), bit = touch & -touch;
                const int32_t aside = ((right & bit) != 0) - ((left & ~right & bit) != 0);
                runs.join(here + set_bits(begins & upto), there + set_bits(over & upto) + aside);
            }
            for (uint64_t touch = left & right; touch; touch &= touch - 1) {
                const uint64_t upto = touch ^ (touch - 1);
                runs.join(here + set_bits(begins & upto), there + set_bits(over & upto) - 1);
            }
        }
        here += set_bits(begins);
        there += set_bits(over);
    }
}

// A root comes before the runs that point to it, so one pass turns parents into components.
PDENGINE_TARGET inline void number_components(ViewRuns& runs, const int32_t* classes) {
    int32_t* parent = runs.parent;
    int32_t i = 0, components = 0;
    for (int32_t y = 0; y < runs.height; ++y) {
        for (int32_t word = 0; word < runs.words; ++word) {
            const int32_t* at = classes + int64_t{y} * runs.width + word * kWord;
            uint64_t begins = runs.starts[int64_t{y} * runs.words + word];
            for (; begins; begins &= begins - 1, ++i) {
                const int32_t background = at[__builtin_ctzll(begins)] >> 31;  // -1 or 0
                const int32_t earlier = parent[parent[i]];
                const int32_t root = -(parent[i] == i);
                parent[i] = (components & root) | (earlier & ~root) | background;
                components -= root & ~background;
            }
        }
    }
    runs.components = components;
}

PDENGINE_TARGET void mark_view(ViewRuns& runs, const int32_t* classes) {
    runs.first[0] = 0;
    for (int32_t y = 0; y < runs.height; ++y)
        runs.first[y + 1] = runs.first[y] + mark_row(classes + int64_t{y} * runs.width, runs,
                                                     y == 0, runs.starts + int64_t{y} * runs.words);
}

PDENGINE_TARGET void join_view(ViewRuns& runs, const int32_t* classes) {
    for (int32_t i = 0; i < runs.count(); ++i) runs.parent[i] = i;
    for (int32_t y = 1; y < runs.height; ++y) join_rows(runs, classes, y);
    number_components(runs, classes);
}

// The run of a row that the list is being told of.  Background tells nothing to the first
// component: no branch to guess.
struct Told {
    int64_t component = 0;
    int64_t background = -1;  // or 0
    int32_t from = 0;
};

// Lists the runs that begin in a word, and adds `base` to their components.
PDENGINE_TARGET inline void list_word(uint64_t begins, const int32_t* row, int32_t word,
                                      int64_t base, int32_t* run, int64_t* size, int64_t* class_,
                                      Told& told) {
    for (; begins; begins &= begins - 1, ++run) {
        const int32_t x = word * kWord + __builtin_ctzll(begins);
        size[told.component] += (x - told.from) & ~told.background;
        told.background = *run >> 31;
        told.component = *run & ~told.background;
        told.from = x;
        int64_t& listed = class_[told.component];
        listed = (listed & told.background) | (row[x] & ~told.background);
        *run = static_cast<int32_t>((base + told.component) | told.background);
    }
}

PDENGINE_TARGET inline int32_t* write_word(uint64_t begins, int32_t pixels, const int32_t* run,
                                           int32_t* label) {
    int32_t x = 0;
    for (; x + 8 <= pixels; x += 8, label += 8) {
        const uint64_t eight = begins >> x & 0xff;
        spread8(run + (eight & 1), eight, label);
        run += set_bits(eight);
    }
    for (; x < pixels; ++x) *label++ = *(run += begins >> x & 1);
    return label;
}

// Writes a view's labels and lists its components, whose numbers begin with `base`.
PDENGINE_TARGET void write_view(ViewRuns& runs, const int32_t* classes, int64_t base,
                                ComponentList& list, int32_t* label) {
    if (runs.components == 0) {
        std::fill_n(label, int64_t{runs.height} * runs.width, -1);
        return;
    }
    int64_t* size = list.size.data() + base;
    int64_t* class_ = list.class_.data() + base;
    int32_t* run = runs.parent - 1;  // the last that has begun
    const uint64_t* starts = runs.starts;
    for (int32_t y = 0; y < runs.height; ++y, classes += runs.width) {
        Told told;
        for (int32_t word = 0; word < runs.words; ++word) {
            const uint64_t begins = *starts++;
            const int32_t pixels = runs.pixels(word);
            if (begins == 0) {
                label = std::fill_n(label, pixels, static_cast<int32_t>(*run));
                continue;
            }
            list_word(begins, classes, word, base, run + 1, size, class_, told);
            label = write_word(begins, pixels, run, label);
            run += set_bits(begins);
        }
        size[told.component] += (runs.width - told.from) & ~told.background;
    }
}
