"""Names: heard, shortened, misspelt, and those that must not pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.names import name_key, name_matches


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("Robert O'Neil", "Robert", "O'Neil"),
        ("hi this is bob o'neill", "Robert", "O'Neil"),
        ("it's O Neil, Robert", "Robert", "O'Neil"),
        ("Jose Garcia", "José", "García-López"),
        ("Jose Garcia Lopez", "José", "García López"),
        ("Kathy Smyth", "Catherine", "Smith"),
        ("Liz Johnston", "Elizabeth", "Johnson"),
        ("my name is Bill McDonald", "William", "MacDonald"),
        ("Mary Ann Fisher", "Maryann", "Fischer"),
        ("de la cruz maria", "Maria", "De La Cruz"),
        ("Danaruiz", "Dana", "Ruiz"),  # spelled in one go
    ],
)
def test_a_name_is_known_as_people_say_it(said: str, first: str, last: str) -> None:
    assert name_matches(said, first, last)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("Robert", "Robert", "O'Neil"),
        ("O'Neil", "Robert", "O'Neil"),
        ("Ana Ruiz", "Benjamin", "Ruiz"),
        ("Ben Ruiz", "Benjamin", "Okafor"),
        ("", "Robert", "O'Neil"),
        ("what is my name", "Robert", "O'Neil"),
        ("Robert Robert", "Robert", "O'Neil"),
        ("Amy Jones", "Emma", "Jones"),
        ("Ruiz", "Dana", "Ruiz"),
        ("Diegoruiz", "Dana", "Ruiz"),
        ("Danaruin", "Dana", "Okafor"),
        ("Martin Lee", "Marvin", "Lopez"),
    ],
)
def test_somebody_else_is_not(said: str, first: str, last: str) -> None:
    assert not name_matches(said, first, last)


def test_a_person_with_one_name_only_is_never_matched_by_half() -> None:
    assert not name_matches("Prince", "Prince", "")


def test_the_key_is_plain_and_last_name_first() -> None:
    assert name_key("José", "O'Neil-Díaz") == "oneil diaz jose"


@given(st.text(max_size=300), st.text(max_size=70), st.text(max_size=70))
def test_any_text_is_compared_without_a_crash(said: str, first: str, last: str) -> None:
    name_matches(said, first, last)


names = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12)


@given(names, names)
def test_a_name_matches_itself_either_way_round(first: str, last: str) -> None:
    assert name_matches(f"{first} {last}", first, last) or first in FILLER or last in FILLER
    assert name_matches(f"{last} {first}", first, last) or first in FILLER or last in FILLER


FILLER = {
    "hello", "hey", "yes", "yeah", "sure", "okay", "well", "this", "name", "its", "the", "mrs",
    "miss", "junior", "senior", "here", "speaking", "calling", "under", "for", "please",
}  # fmt: skip
