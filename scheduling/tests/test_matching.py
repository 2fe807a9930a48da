"""Concerns to services, and safety words, on phrases of our own."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling import concerns
from scheduling.matching import ConcernMatch, Matcher
from scheduling.models import ServiceOp
from scheduling.triage import judge

MENU = json.loads((Path(__file__).parents[2] / "fixtures" / "menu.json").read_text())
MATCHER = Matcher((row["pk"], row["fields"]["aliases"]) for row in MENU)


@pytest.mark.parametrize(
    ("said", "ops"),
    [
        ("it squeals when I stop", ("BRK-I",)),
        ("l o f please", ("LOF-S",)),
        ("I need a LOF", ("LOF-S",)),
        ("just an oil change", ("LOF-S",)),
        ("a diesel oil change", ("LOF-D",)),
        ("conventional oil change", ("LOF-C",)),
        ("sixty thousand mile service", ("MAJ60",)),
        ("the 60k", ("MAJ60",)),
        ("my 30,000 mile service", ("MAJ30",)),
        ("oil change and rotate the tires", ("LOFROT",)),
        ("could you rotate my tires and change the oil", ("LOFROT",)),
        ("an oil change, and my brakes are squeaking", ("LOF-S", "BRK-I")),
        ("my breaks are grinding", ("BRK-I",)),
        ("need new front brakes", ("BRK-F",)),
        ("the check engine light is on", ("DIAG",)),
        ("there's oil leaking under it", ("DIAG-N",)),
        ("a nail in my tire", ("TIRE-R",)),
        ("four new tires", ("TIRE-4",)),
        ("the A/C blows warm air", ("AC",)),
        ("I got a recall letter", ("RECALL",)),
        ("it needs an allinement", ("ALIGN",)),
        ("my battery is dead", ("BAT-R",)),
        ("the tyre pressure light came on", ("ROT",)),
        ("check the hybrid battery", ("EV-MC",)),
        ("it pulls to the left", ("DIAG-N",)),
        ("synthetic oil, then please do the rotation", ("LOFROT",)),
    ],
)
def test_what_callers_say_finds_the_service(said: str, ops: tuple[str, ...]) -> None:
    found = MATCHER.match(said)
    assert (found.ops, found.certain) == (ops, True)


def test_an_alias_of_nothing_but_filler_words_matches_nothing() -> None:
    assert Matcher([("MPI", ["the", "to be"])]).match("the car is to be seen").ops != ("MPI",)


def test_words_of_an_alias_that_stand_far_apart_are_no_alias() -> None:
    far = "oil is what my neighbour always talks about with everybody he meets at every change"
    assert Matcher([("LOF-S", ["oil change"])]).match(far).ops == ()


def test_brake_pads_without_an_axle_are_one_question() -> None:
    found = MATCHER.match("brake pads")
    assert (set(found.ops), found.certain) == ({"BRK-F", "BRK-R"}, False)


def test_a_misspelt_service_is_guessed_and_to_be_confirmed() -> None:
    found = MATCHER.match("multi pont inspecshun")
    assert (found.ops[0], found.certain) == ("MPI", False)


@pytest.mark.parametrize("said", ["it's doing something weird", "there's a problem with it"])
def test_a_complaint_that_fits_nothing_is_a_diagnosis_to_be_confirmed(said: str) -> None:
    assert MATCHER.match(said) == ConcernMatch(("DIAG", "DIAG-N"), certain=False, triage=None)


@pytest.mark.parametrize("said", ["", "tell me a joke", "hello there", "tuesday at nine", "?!"])
def test_without_a_clue_nothing_is_guessed(said: str) -> None:
    assert MATCHER.match(said).ops == ()


@pytest.mark.parametrize("said", ["my windshield is cracked", "a dent in the bumper", "wash it"])
def test_glass_paint_and_washing_are_no_service_of_ours(said: str) -> None:
    assert MATCHER.match(said).ops == ()


def test_wipers_are_ours_all_the_same() -> None:
    assert MATCHER.match("new windshield wiper blades").ops == ("WIPER",)


@pytest.mark.parametrize(
    "said",
    [
        "the brake pedal goes to the floor", "I have no brakes", "my brakes failed",
        "the brakes won't stop the car", "breaks don't work at all", "it can barely stop",
        "smoke is coming out of the hood", "it's smoking", "something is on fire",
        "it smells like gas inside", "there's a strong gasoline smell", "it's leaking fuel",
        "the steering locked up", "the steering wheel won't turn", "I lost steering",
        "it's overheating", "the temperature gauge is in the red", "steam from the engine",
        "the check engine light is flashing", "a blinking check engine light",
        "the airbag went off", "the wheel is loose", "my wheel is about to come off",
        "I'm stranded on the highway", "it died on the freeway", "it stalls while I'm driving",
        "the gas pedal is stuck", "it speeds up on its own", "burning smell from the dash",
        "I need an oil change and there's smoke", "I was in a crash", "the tire blew out",
    ],
)  # fmt: skip
def test_unsafe_words_win_over_everything(said: str) -> None:
    assert judge(said) == "unsafe"
    assert MATCHER.match(said).triage == "unsafe"


@pytest.mark.parametrize(
    "said",
    [
        "the oil light is on", "a brake warning light", "it stalled once", "my car won't start",
        "it takes a long time to stop", "the brakes feel spongy", "grinding brakes",
    ],
)  # fmt: skip
def test_urgent_words_ask_for_the_earliest_opening(said: str) -> None:
    assert judge(said) == "urgent"


@pytest.mark.parametrize(
    "said",
    [
        "an oil change", "rotate my tires", "there's no smoke or anything", "it's not overheating",
        "I need a smog check", "spark plugs", "brakes squeak a little", "it misfires sometimes",
        "is the air bag recall done", "hot coffee in the lounge", "a brake light is out",
    ],
)  # fmt: skip
def test_what_is_no_danger_raises_no_alarm(said: str) -> None:
    assert judge(said) != "unsafe"


@given(st.text(max_size=400))
def test_any_text_is_matched_or_not_and_never_breaks(said: str) -> None:
    found = MATCHER.match(said)
    assert len(found.ops) <= 2
    assert set(found.ops) <= {row["pk"] for row in MENU}


def test_ten_megabytes_of_words_are_only_looked_at_in_part() -> None:
    assert MATCHER.match("oil change " * 1_000_000).ops == ("LOF-S",)


@pytest.mark.django_db
def test_an_alias_that_staff_add_counts_at_once(shop: None) -> None:
    assert concerns.match_concern("blinker fluid").ops != ("MPI",)
    op = ServiceOp.objects.get(op_code="MPI")
    op.aliases = [*op.aliases, "blinker fluid"]
    op.save()
    assert concerns.match_concern("blinker fluid").ops == ("MPI",)


def test_every_service_has_aliases_that_find_it() -> None:
    missed = []
    for row in MENU:
        for alias in row["fields"]["aliases"]:
            if row["pk"] not in MATCHER.match(alias).ops:
                missed.append((row["pk"], alias, MATCHER.match(alias).ops))
    assert missed == []
