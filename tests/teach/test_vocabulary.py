"""What the embedded teacher takes words for."""

from __future__ import annotations

import pytest
import torch

from pdengine.errors import PartError, TeacherError
from pdengine.shapes import CATEGORIES as GENERATED
from pdengine.shapes import parts_of
from pdengine.teach import parse_parts
from pdengine.teach.embedded.layout import Layout, generated_layout, parse_layout
from pdengine.teach.embedded.vocabulary import FREE_TEXT, check_words, meanings, remarks_on
from pdengine.teach.embedded.words import CATEGORY_WORDS, WORDS
from pdengine.teach.registry import TEACHERS
from pdengine.types import PartList

FEW = generated_layout(("airplane", "chair", "mug", "table"))


def meaning(prompt: str) -> dict[str, list[list[str]]]:
    """The concepts behind every name, for each category."""
    return {
        category: [[FEW.concepts[category][k] for k in row.nonzero()[:, 0]] for row in weights]
        for category, weights in meanings(parse_parts(prompt), FEW).items()
    }


@pytest.mark.parametrize("category", GENERATED)
def test_there_are_words_for_every_generated_part(category):
    assert category in CATEGORY_WORDS
    assert set(parts_of(category)) <= set(WORDS[category])


@pytest.mark.parametrize("category", GENERATED)
def test_a_category_and_its_own_parts_mean_exactly_that(category):
    own = PartList(parts_of(category), category)
    (found,) = meanings(own, generated_layout()).items()
    assert found[0] == category
    assert torch.equal(found[1], torch.eye(len(own)))


def test_every_word_is_lower_case_and_says_something_else():
    for category, concepts in WORDS.items():
        for concept, words in concepts.items():
            assert len(set(words)) == len(words), (category, concept)
            assert concept not in words, (category, concept)
            assert all(word == word.lower().strip() for word in words), (category, concept)


def test_a_layout_reads_itself():
    assert parse_layout(str(FEW)) == FEW == Layout(dict(FEW.concepts))
    assert FEW.count == sum(len(names) for names in FEW.concepts.values())
    assert FEW.known.sum() == FEW.count
    assert sorted(FEW.row[FEW.known].tolist()) == list(range(FEW.count))
    with pytest.raises(ValueError, match="must read 'category: part, part"):
        parse_layout("chair")


def test_lenses_glasses_and_scissors_are_plurals_too():
    layout = generated_layout(("glasses",))
    weights = meanings(parse_parts("Eyeglasses: lenses, middle, skeleton"), layout)["glasses"]
    assert weights.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("faucet: bodies, switches", {"faucet": [["base"], ["switch"]]}),
        ("knives: blades", {"knife": [["blade"]]}),
        ("cabinets: shelves, feet", {"cabinet": [["body"], ["leg"]]}),
        ("women: thighs, calves", {"human": [["upper leg"], ["lower leg"]]}),
        ("faucet: valves", {"faucet": [["switch"]]}),
    ],
)
def test_plurals_that_are_more_than_an_s(prompt, expected):
    layout = generated_layout(("faucet", "knife", "cabinet", "human"))
    found = {
        category: [[layout.concepts[category][k] for k in row.nonzero()[:, 0]] for row in weights]
        for category, weights in meanings(parse_parts(prompt), layout).items()
    }
    assert found == expected


def plural(word: str) -> str:
    if word.endswith(("ch", "sh", "x", "ss")):
        return f"{word}es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return word if word.endswith("s") else f"{word}s"


@pytest.mark.parametrize("category", GENERATED)
def test_every_word_and_its_plural_mean_the_same(category):
    layout = generated_layout((category,))
    for concept in layout.concepts[category]:
        for word in (concept, *WORDS[category][concept]):
            prompts = [PartList((name,), category) for name in (word, plural(word), word.title())]
            one, two, three = (meanings(prompt, layout)[category] for prompt in prompts)
            assert torch.equal(one, two)
            assert torch.equal(one, three)


def test_a_concepts_own_name_means_it_alone():
    layout = generated_layout(("ant",))
    found = meanings(parse_parts("ant: torso"), layout)["ant"]
    assert found.tolist() == [[0, 1, 0, 0, 0]]
    both = meanings(parse_parts("ant: body"), layout)["ant"]
    assert both.tolist() == [[0, 1, 1, 0, 0]]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("chair: back, seat, leg, arm", ["back", "seat", "leg", "arm"]),
        ("chair: Backrest, seat cushion, Legs, arm-rests", ["back", "seat", "leg", "arm"]),
        ("Chairs: back support, chair seat, legs of the chair", ["back", "seat", "leg"]),
        ("desk: tabletop, feet", ["top", "leg"]),
        ("cup: cup, grip", ["body", "handle"]),
        ("plane: fuselage, wings, jet engines, tail fin", ["body", "wing", "engine", "rudder"]),
    ],
)
def test_synonyms_and_plurals(prompt, expected):
    (found,) = meaning(prompt).values()
    assert found == [[concept] for concept in expected]


def test_a_tail_is_both_of_its_fins():
    assert meaning("airplane: body, tail")["airplane"] == [["body"], ["stabilizer", "rudder"]]


def test_the_narrower_name_wins():
    found = meaning("airplane: tail, rudder")["airplane"]
    assert found == [["stabilizer"], ["rudder"]]


def test_two_names_for_one_concept_share_it():
    weights = meanings(parse_parts("table: leg, foot"), FEW)["table"]
    assert weights.tolist() == [[0.0, 0.5, 0.0], [0.0, 0.5, 0.0]]


@pytest.mark.parametrize(
    ("prompt", "first", "second"),
    [
        ("chair: legs, leg", "legs", "leg"),
        ("chair: seat, back, chair back", "back", "chair back"),
        ("chair: arm-rest, seat, armrests", "arm-rest", "armrests"),
        ("legs, seat, leg", "legs", "leg"),
    ],
)
def test_one_word_that_is_written_twice_is_refused(prompt, first, second):
    said = f"^'{first}' and '{second}' are one part to the embedded teacher: ask for one of them$"
    with pytest.raises(PartError, match=said):
        check_words(parse_parts(prompt), FEW)
    human = generated_layout(("human",))
    with pytest.raises(PartError, match="'upper arm' and 'upperArm'"):
        check_words(parse_parts("human: upper arm, upperArm"), human)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("table: leg, foot", ["leg and foot are one part"]),
        ("airplane: tail, rudder", []),  # the narrower one takes its share
        ("leg, foot", ["leg and foot are one part"]),
        ("back, seat, leg, arm", []),
    ],
)
def test_two_words_that_it_cannot_tell_apart_are_remarked_on(prompt, said):
    check_words(parse_parts(prompt), FEW)
    found = remarks_on(parse_parts(prompt), FEW)
    assert [remark.split(" to ")[0] for remark in found] == said


def test_words_that_are_one_part_in_a_single_category_alone_are_two():
    layout = generated_layout(("chair", "glasses"))  # an arm of glasses is their leg
    assert remarks_on(parse_parts("leg, arm"), layout) == ()
    assert len(remarks_on(parse_parts("glasses: leg, arm"), layout)) == 1


def test_without_a_category_every_one_that_knows_all_names_is_meant():
    assert list(meaning("back, seat, leg")) == ["chair"]
    assert list(meaning("leg")) == ["chair", "table"]
    assert list(meaning("body")) == ["airplane", "mug"]
    assert list(meaning("wing, handle")) == ["airplane", "mug"]


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        (
            "chair: bakc, seat",
            r"part 'bakc' is not .*chair: back, seat, leg, arm.* near words: back",
        ),
        ("Chairs", 'a category and no part: ask for parts, as in "chair: back, seat, leg, arm"'),
        ("chair: wing", "part 'wing' is not in its vocabulary"),
        ("table: legz", r"near words: leg"),
        ("wing thing", r"near words: wing[,;]"),
        ("airplane: Flügel", r"part 'Flügel' is not in its vocabulary \(airplane: body, wing"),
        ("propellor shaft xyz", "any callable that takes .views, parts."),
        ("aeroplan: body", "category 'aeroplan' is not .* near words: aeroplane"),
        ("dog: leg", r"category 'dog' is not in its vocabulary \(airplane, chair, mug, table\)"),
    ],
)
def test_unknown_words_are_refused_with_near_ones(prompt, message):
    with pytest.raises(TeacherError, match=message):
        meanings(parse_parts(prompt), FEW)


def test_who_needs_other_words_is_told_which_teachers_read_them():
    with pytest.raises(TeacherError) as caught:
        meanings(parse_parts("chair: cup holder"), FEW)
    assert "--teacher grounding-dino-tiny, owlv2-base or clipseg" in str(caught.value)
    for name in FREE_TEXT:
        assert TEACHERS[name].card.kind in ("boxes", "pixels")
