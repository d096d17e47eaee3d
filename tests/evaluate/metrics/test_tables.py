"""Tables letter by letter, and that no number is printed without its protocol."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from measured import PARTS, random_shape, shape

from pdengine.errors import ScoreError
from pdengine.evaluate.protocols import PROTOCOLS, score
from pdengine.evaluate.published import CATEGORIES, PUBLISHED, Published, published_results
from pdengine.evaluate.tables import csv_table, latex, markdown

SHAPES = [
    shape("Chair", "a", [0, 1, 2, -1], [0, 1, 2, 2]),
    shape("Chair", "b", [0, 1, 2, 2], [0, 1, 2, 2]),
    shape("Mug", "c", [0, -1], [0, 0]),
]
EXACT = score("parts-present", SHAPES, PARTS, resamples=0)
DRAWN = score("parts-present", SHAPES, PARTS)


def test_methods_are_rows_as_in_the_papers() -> None:
    formula = PROTOCOLS["parts-present"]
    assert markdown({"ours": EXACT, "voting": EXACT}) == (
        "| result | protocol | Chair | Mug | overall |\n"
        "|---|---|---:|---:|---:|\n"
        "| ours | parts-present | 91.7 | 50.0 | 70.8 |\n"
        "| voting | parts-present | 91.7 | 50.0 | 70.8 |\n"
        "\n"
        f"- parts-present, percent: {formula.formula} ({formula.source}).\n"
        "- ours; voting: 3 shapes of Chair, Mug.\n"
    )


def test_many_categories_are_rows() -> None:
    assert markdown({"ours": EXACT}, layout="categories").splitlines()[:6] == [
        "| result | ours |",
        "|---|---:|",
        "| protocol | parts-present |",
        "| Chair | 91.7 |",
        "| Mug | 50.0 |",
        "| overall | 70.8 |",
    ]
    names = {f"C{k}": PARTS["Mug"] for k in range(17)}
    shapes = [replace(SHAPES[2], category=name) for name in names]
    many = score("parts-present", shapes, names, resamples=0)
    assert markdown({"ours": many}).startswith("| result | ours |\n")
    assert "ours: 17 shapes of 17 categories" in markdown({"ours": many})  # not all of their names
    lines = latex({"ours": many}).splitlines()
    assert lines[lines.index(r"overall & 50.0 \\") - 1] == r"\midrule"


def test_parts_can_be_listed() -> None:
    head, _, row = markdown({"ours": EXACT}, parts=True).splitlines()[:3]
    assert head.split(" | ")[2:-1] == ["Chair: back", "Chair: seat", "Chair: leg", "Mug: handle"]
    assert row.split(" | ")[2:-1] == ["100.0", "100.0", "75.0", "50.0"]


def test_an_interval_is_a_range_or_its_half_width() -> None:
    assert "| 91.7 [83.3, 100.0] | 50.0 | 70.8 [66.7, 75.0] |" in markdown({"ours": DRAWN})
    assert "| 91.7 ± 8.3 | 50.0 | 70.8 ± 4.2 |" in markdown({"ours": DRAWN}, intervals="plus-minus")
    assert "| 91.7 | 50.0 | 70.8 |" in markdown({"ours": DRAWN}, intervals="none")
    assert "95 % intervals from 1,000 draws of the shapes, seed 0." in markdown({"ours": DRAWN})


def test_latex_is_booktabs_and_escaped() -> None:
    text = latex({r"100%_ours & \more": DRAWN})
    assert text.splitlines()[:7] == [
        r"\noindent\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        r"\begin{tabular}{llrrr}",
        r"\toprule",
        r"result & protocol & Chair & Mug & overall \\",
        r"\midrule",
        r"100\%\_ours \& \textbackslash{}more & parts-present & 91.7 $\pm$ 8.3 & 50.0 "
        r"& 70.8 $\pm$ 4.2 \\",
        r"\bottomrule",
    ]
    assert "\n\\end{tabular}}\n\n{\\footnotesize\n" in text  # small letters end with the notes
    assert "\n100\\%\\_ours \\& \\textbackslash{}more: 3 shapes of Chair, Mug" in text
    half = r"$\pm$ is half the width of an interval.\par"
    assert text.splitlines()[-2:] == [half, "}"]
    assert half not in latex({"ours": EXACT})
    lines = latex({"ours": EXACT}, _first()).splitlines()
    assert lines[6] == r"\midrule"  # between our numbers and the papers'
    assert lines[7].startswith("PointCLIP")


def test_markdown_is_escaped() -> None:
    assert markdown({"a|b*c_d": EXACT}).splitlines()[2].startswith(r"| a\|b\*c\_d | parts-present")


def test_csv_has_one_line_per_number_in_full() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_table({"our, best": DRAWN}, _first()))))
    assert rows[0]["result"] == "our, best"
    assert float(rows[0]["percent"]) == 100 * DRAWN.per_category["Chair"]
    assert DRAWN.interval is not None
    assert [float(rows[2][end]) for end in ("low", "high")] == [100 * e for e in DRAWN.interval]
    assert [row["of"] for row in rows[:3]] == ["Chair", "Mug", "overall"]
    assert {row["protocol"] for row in rows} == {"parts-present", "shapenetpart-class"}
    assert rows[-1] == {
        "result": "PointCLIP (CLIP, points)",
        "protocol": "shapenetpart-class",
        "of": "overall",
        "percent": "31.0",
        "low": "",
        "high": "",
    }


def _first() -> tuple[Published, ...]:
    return published_results("ShapeNetPart")[:1]


def test_published_numbers_stand_beside_ours_with_their_catch() -> None:
    ours = score("shapenetpart-class", SHAPES, PARTS, resamples=0)
    beside = [one for one in PUBLISHED if one.title == "PartDistill Pre (GLIP, points)"][:1]
    text = markdown({"ours": ours}, beside)
    assert "| PartDistill Pre (GLIP, points) | shapenetpart-class | 86.5 | - | 64.1 |" in text
    assert "Source of PartDistill Pre (GLIP, points): PartDistill (CVPR 2024)" in text
    assert "keeps the checkpoint with the best mIoU on the test labels." in text
    assert "ours is over 2 of the 16 categories, do not compare its overall value" in text
    both = markdown({"ours": ours, "theirs": ours}, beside)
    assert "ours; theirs are over 2 of the 16 categories, do not compare their overall" in both
    assert "protocols differ" not in text


def test_different_protocols_in_one_table_are_warned_of() -> None:
    text = markdown({"ours": EXACT, "theirs": score("partnete", SHAPES, PARTS)})
    assert (
        "- Warning: the protocols differ, do not compare across them. parts-present: ours. "
        "partnete: theirs." in text
    )


def test_scores_of_different_categories_are_warned_of() -> None:
    mugs = score("parts-present", SHAPES[2:], PARTS)
    text = markdown({"all": EXACT, "mugs": mugs})
    assert "Warning: the scores are not over the same categories." in text


def test_what_is_left_out_is_listed() -> None:
    unknown = [shape("Mug", f"x{k}", [0], [-1]) for k in range(6)]
    text = markdown({"ours": score("parts-present", [*SHAPES, *unknown], PARTS)})
    listed = "Mug/x0, Mug/x1, Mug/x2, Mug/x3, Mug/x4, ..."
    assert f"ours: nothing to score in {listed} (6 left out)." in text


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_table_names_the_protocol_of_every_number(protocol: str) -> None:
    shapes = [random_shape(category, str(k), k) for category in PARTS for k in range(3)]
    scores = {"ours": score(protocol, shapes, PARTS, resamples=20)}
    for text in (markdown(scores), markdown(scores, layout="categories"), latex(scores)):
        assert text.count(protocol) >= 2  # in the table, and its formula below
        assert ("Lower is better" in text) == (PROTOCOLS[protocol].better == "lower")
    lines = csv_table(scores).splitlines()
    assert all(f"ours,{protocol}," in line for line in lines[1:])


def test_published_numbers_are_percentages_of_known_datasets() -> None:
    assert {one.dataset for one in PUBLISHED} == set(CATEGORIES)
    for one in PUBLISHED:
        values = [*one.per_category.values(), *([] if one.overall is None else [one.overall])]
        assert values
        assert all(1 < value < 100 for value in values)
        assert one.source
    best = published_results("PartNetE", "partnete")
    assert {one.title: one.overall for one in best}["PartSLIP (zero-shot, bare part names)"] == 34.8
    assert published_results("Other") == ()
    with pytest.raises(ScoreError, match="protocol must be one of"):
        replace(PUBLISHED[0], protocol="mIoU")


def test_says_what_is_wrong() -> None:
    with pytest.raises(ScoreError, match="a table needs at least one score, got none"):
        markdown({})
    with pytest.raises(ScoreError, match="layout must be one of auto, methods, categories, got up"):
        latex({"ours": EXACT}, layout="up")
    with pytest.raises(ScoreError, match="must be one of range, plus-minus, none, got ci"):
        markdown({"ours": EXACT}, intervals="ci")
    with pytest.raises(ScoreError, match="of one dataset, got PartNetE and ShapeNetPart"):
        markdown({"ours": EXACT}, PUBLISHED)
    with pytest.raises(ScoreError, match="protocol must be one of"):
        published_results("PartNetE", "mIoU")
