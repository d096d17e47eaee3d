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

// Which pixels of a word touch the row above: of those that equal the pixel above the first of each
// pair of runs, and of the first and the last of a run, where they do not, those that equal the one
// left or right of that.
struct Touches {
    uint64_t above = 0, left = 0, right = 0;
};

PDENGINE_TARGET inline Touches compare(const ViewRuns& runs, const int32_t* row, int32_t y,
                                       int32_t word, uint64_t begins, uint64_t ends) {
    const int32_t width = runs.width, pixels = runs.pixels(word);
    const int32_t* here = row + word * kWord;
    const int32_t* over = here - width;
    // Beside the first and the last pixel of a row stand those of other rows.
    const uint64_t has_left = word == 0 ? ~uint64_t{1} : ~uint64_t{0};
    const uint64_t has_right =
        word + 1 == runs.words ? ~(uint64_t{1} << (pixels - 1)) : ~uint64_t{0};
    Touches touch;
    if (word > 0 || (pixels == kWord && y > 1)) {
        const int32_t back = kWord - pixels;  // a short word ends with the row
        here -= back;
        over -= back;
        const uint64_t class_ = ~negative64(here) >> back;
        touch.above = class_ & equal64(here, over) >> back;
        const uint64_t alone = class_ & ~touch.above;
        if ((alone & begins) != 0) touch.left = equal64(here, over - 1) >> back & alone & begins;
        if ((alone & ends) != 0) touch.right = equal64(here, over + 1) >> back & alone & ends;
    } else {  // what is left of it may lie outside the image
        for (int32_t x = 0; x < pixels; ++x) {
            if (here[x] < 0) continue;
            const bool above = here[x] == over[x];
            touch.above |= uint64_t{above} << x;
            touch.left |= uint64_t{!above && x > 0 && here[x] == over[x - 1]} << x;
            touch.right |= uint64_t{!above && here[x] == over[x + 1]} << x;
        }
        touch.left &= begins;
        touch.right &= ends;
    }
    touch.left &= has_left;
    touch.right &= has_right;
    return touch;
}

// Joins the runs of one row with those of the row above that touch them, corners included.
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
        const bool background = begins >> 1 == 0 && row[word * kWord] < 0;
        // Where no run begins or ends they are as before the word: joined already.
        if (!background && (begins | over | ends) != 0) {
            Touches touch = compare(runs, row, y, word, begins, ends);
            touch.above &= begins | over;
            // A pixel's run is the number of starts up to it.  Left and right of a pixel above that
            // differs from them are the runs before and after its own.
            for (uint64_t all = touch.above | touch.left | touch.right; all; all &= all - 1) {
                const uint64_t upto = all ^ (all - 1), bit = all & -all;
                const int32_t aside =
                    ((touch.right & bit) != 0) - ((touch.left & ~touch.right & bit) != 0);
                runs.join(here + set_bits(begins & upto), there + set_bits(over & upto) + aside);
            }
            for (uint64_t both = touch.left & touch.right; both; both &= both - 1) {
                const uint64_t upto = both ^ (both - 1);
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
            list_word(begins, classes, word, base, run + 1, size, class_, told);
            if (begins >> 1 == 0) {  // one run, which may have begun before
                run += begins;
                label = std::fill_n(label, pixels, *run);
                continue;
            }
            label = write_word(begins, pixels, run, label);
            run += set_bits(begins);
        }
        size[told.component] += (runs.width - told.from) & ~told.background;
    }
}
