"""Spelled names: where the letters are, and which names they may be of."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.core.letters import names_said, spelled

NAMES = st.text(string.ascii_lowercase, min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("said", "letters"),
    [
        ("r u i z", "ruiz"),
        ("it's r u i z", "ruiz"),
        ("dana d a n a", "dana"),
        ("a", ""),
        ("that is a", ""),
        ("r u i z thanks", ""),
        ("at 10 a m", ""),
        ("nine p m", ""),
        ("a m", "am"),
        ("4 1", ""),
        ("", ""),
    ],
)
def test_letters_that_end_a_text_are_spelled(said: str, letters: str) -> None:
    assert spelled(said.split()) == letters


@given(NAMES, st.lists(NAMES, max_size=3))
def test_a_name_comes_back_from_its_letters_whatever_was_said_before(
    name: str, before: list[str]
) -> None:
    assert spelled([*before, *name]) == name


@given(st.lists(NAMES, min_size=2, max_size=4))
def test_names_and_neighbours_are_known_again_when_spelled(names: list[str]) -> None:
    said = names_said([*names, "a"])
    assert set(names) <= said
    assert spelled([*names[0], *names[1]]) in said
