import pytest
from failures import section

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
