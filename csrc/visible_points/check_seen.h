// The sizes of what is looked at: the ops that look and lift at once ask the same.
#pragma once

#include "core/check_size.h"
#include "visible_points/visible_points.h"

namespace pdengine {

inline void check_seen(const SizeCheck& check, const VisibleParams& p) {
    const Side N(p.xyz.size[0], "N"), V(p.rotation.size[0], "V");
    const Side H(p.depth.size[1], "H"), W(p.depth.size[2], "W");
    check("xyz", p.xyz, {N, 3});
    check.cameras(V, p.rotation, p.translation, p.focal);
    check("depth", p.depth, {V, H, W});
    check("pixel", p.pixel, {V, N});
    check.rows("xyz", N.size);
    check.image(V, H.size, W.size);
}

}  // namespace pdengine
