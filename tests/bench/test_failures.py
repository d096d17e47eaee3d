import numpy as np
import pytest
from failures import few_colours, section
from PIL import Image, ImageColor

from pdengine.io import hex_colour

PAGE = """## Ant: vote .1, student .2

Why.

Vote:

| old |

Student:

| older |

![The ten worst of Ant](failures/Ant.png)

## Antenna: vote .3, student .4

Vote:

| kept |

Student:

| kept |

![x](x.png)
"""


def test_numbers_of_a_section_are_replaced_and_its_sentences_stay() -> None:
    page = section(PAGE, "Ant", (0.5, 0.625), ("| a |", "| b |"))
    assert page == (
        PAGE.replace("vote .1, student .2", "vote .500, student .625")
        .replace("| old |", "| a |")
        .replace("| older |", "| b |")
    )


def test_a_category_without_a_section_is_refused() -> None:
    with pytest.raises(SystemExit, match="one section of Bee"):
        section(PAGE, "Bee", (0.5, 0.5), ("", ""))


def test_a_part_of_few_pixels_keeps_its_colour_on_the_page() -> None:
    parts = 11
    colours = np.array([ImageColor.getrgb(hex_colour(k)) for k in range(parts)])
    picture = np.full((100, 100, 3), 255, np.uint8)
    light = np.linspace(0.5, 1, 100)[:, None]
    picture[:, :90] = (colours[0] * light).round()[:, None]  # almost all is part 0
    for k in range(1, parts):  # three pixels of each of the others
        picture[k, 95:98] = colours[k]
    shown = few_colours(Image.fromarray(picture), parts)
    assert len(shown.getcolors()) <= 256
    pixels = np.asarray(shown.convert("RGB")).astype(int)
    assert (pixels[99, 99] == 255).all()
    for k in range(1, parts):
        assert (pixels[k, 95:98] == colours[k]).all(), k
    assert abs(pixels[:, :90] - picture[:, :90]).max() <= 12  # half a step between two shades
