"""A weekday that was misheard is taken for one by its sound; whatever else was said stays."""

import pytest

from voice.providers.local import days


@pytest.mark.parametrize(
    "heard",
    [
        "I can't do Tuesday.",
        "The first one.",
        "Neither.",
        "Tomorrow.",
        "Yes.",
        "A person, please.",
        "I was thinking about some time soon maybe.",
        "",
    ],
)
def test_words_that_say_enough_have_no_rivals(heard: str) -> None:
    assert not days.rivals(heard)


@pytest.mark.parametrize(
    ("heard", "rival"),
    [
        ("Driving morning.", "Friday morning."),
        ("Next to thee.", "Next Tuesday."),
        ("Gwendlich.", "Wednesday."),
        ("To the morning", "Tuesday morning."),
    ],
)
def test_a_day_may_stand_for_a_few_words(heard: str, rival: str) -> None:
    assert rival in days.rivals(heard)


@pytest.mark.parametrize(
    ("heard", "has_any"),
    [("No, when he bleed.", True), ("When he bleed.", False), ("No, the second one.", False)],
)
def test_an_answer_of_yes_or_no_may_name_a_day_behind_a_no(heard: str, has_any: bool) -> None:
    found = days.rivals(heard, refusing=True)
    assert bool(found) is has_any
    assert not found or "No, Wednesday please." in found


@pytest.mark.parametrize(
    ("chances", "taken"),
    [
        ((-2.7, -15.9), "Friday morning."),  # nearly as likely, and far before any other
        ((-9.0, -20.0), "Driving morning."),  # much less likely than what was heard
        ((-2.7, -3.5), "Driving morning."),  # as likely as another day
    ],
)
def test_a_day_takes_the_place_of_words_only_where_its_sound_is_clear(
    chances: tuple[float, float], taken: str
) -> None:
    rivals = {"Friday morning.": "Friday", "Monday morning.": "Monday"}
    assert days.likeliest("Driving morning.", -1.5, rivals, chances) == taken
