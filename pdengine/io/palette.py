"""One colour per part, the same in every file and picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Okabe and Ito (2008) without black, then Tol's "muted" scheme (2021): both are told apart with any
# of the common colour vision deficiencies.  The first seven also differ in lightness.
COLOURS = (
    *("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"),
    *("#332288", "#44AA99", "#999933", "#882255", "#CC6677", "#117733", "#DDCC77", "#AA4499"),
)
UNLABELLED = "#969696"


def hex_colour(part: int) -> str:
    """The colour of a part, "#RRGGBB"; grey for -1.  Part 15 has part 0's colour, darker."""
    if part < 0:
        return UNLABELLED
    colour = COLOURS[part % len(COLOURS)]
    share = 0.7 ** (part // len(COLOURS) % 4)
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(c * share):02X}" for c in channels)


def palette(parts: int) -> NDArray[Any]:
    """The colours of all parts, then grey, where label -1 finds it. [parts + 1, 3] uint8."""
    names = [hex_colour(part) for part in (*range(parts), -1)]
    return np.array([[int(n[i : i + 2], 16) for i in (1, 3, 5)] for n in names], np.uint8)
