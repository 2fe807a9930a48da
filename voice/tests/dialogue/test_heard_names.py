"""Names and vehicles out of speech."""

import pytest

from voice.dialogue.heard import NameHeard, VehicleHeard, parse_name, parse_vehicle


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Dana Ruiz", "Dana", "Ruiz"),
        ("my name is Dana Ruiz", "Dana", "Ruiz"),
        ("My name's Dana Ruiz.", "Dana", "Ruiz"),
        ("this is Dana Ruiz", "Dana", "Ruiz"),
        ("hi this is dana ruiz calling", "Dana", "Ruiz"),
        ("yeah it's Dana Ruiz", "Dana", "Ruiz"),
        ("I'm Dana Ruiz", "Dana", "Ruiz"),
        ("sure, Dana Ruiz", "Dana", "Ruiz"),
        ("Dana", "Dana", ""),
        ("Dana Ruiz, R U I Z", "Dana", "Ruiz"),
        ("Dana Reese, spelled R U I Z", "Dana", "Ruiz"),
        ("Dana Ruiz that's R-U-I-Z", "Dana", "Ruiz"),
        ("first name Dana last name Ruiz", "Dana", "Ruiz"),
        ("my first name is Dana and my last name is Ruiz", "Dana", "Ruiz"),
        ("last name is Ruiz", "", "Ruiz"),
        ("R U I Z", "", "Ruiz"),
        ("Ruiz, R U I Z", "", "Ruiz"),
        ("maria de la cruz", "Maria", "De La Cruz"),
        ("Sean O'Brien", "Sean", "O'Brien"),
        ("mary-jane watson", "Mary-Jane", "Watson"),
        ("José Núñez", "José", "Núñez"),
        ("my name is Dana Ruiz and I need an oil change", "Dana", "Ruiz"),
        ("Dana Ruiz speaking", "Dana", "Ruiz"),
        ("it's under Dana Ruiz", "Dana", "Ruiz"),
    ],
)
def test_a_name(text: str, first: str, last: str) -> None:
    found = parse_name(text)
    assert found is not None
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "no",
        "what do you need it for",
        "I need an oil change",
        "555 0147",
        "why",
        "who is this",
        "tomorrow at nine",
        "can I talk to a person",
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert parse_name(text) is None


def test_a_spelling_is_marked() -> None:
    assert parse_name("Dana Ruiz, R U I Z") == NameHeard("Dana", "Ruiz", spelled=True)


@pytest.mark.parametrize(
    ("text", "year", "words"),
    [
        ("2019 Honda CR-V", 2019, "honda cr v"),
        ("twenty nineteen Honda CR-V", 2019, "honda cr v"),
        ("it's a twenty nineteen cr v", 2019, "cr v"),
        ("oh nine Civic", 2009, "civic"),
        ("'18 Silverado", 2018, "silverado"),
        ("an 09 civic", 2009, "civic"),
        ("nineteen ninety eight Toyota Camry", 1998, "toyota camry"),
        ("ninety eight camry", 1998, "camry"),
        ("two thousand five accord", 2005, "accord"),
        ("two thousand and fifteen F 150", 2015, "f 150"),
        ("twenty oh nine civic", 2009, "civic"),
        ("Honda Civic 2012", 2012, "honda civic"),
        ("honda civic", None, "honda civic"),
        ("2012 Ford F-150", 2012, "ford f 150"),
        ("20 19 accord", 2019, "accord"),
        ("a two thousand camry", 2000, "camry"),
        ("silverado fifteen hundred", None, "silverado fifteen hundred"),
        ("mazda 3", None, "mazda 3"),
        ("2015 mazda 3", 2015, "mazda 3"),
        ("my 2027 pilot", 2027, "pilot"),
    ],
)
def test_a_vehicle(text: str, year: int | None, words: str) -> None:
    assert parse_vehicle(text, 2026) == VehicleHeard(year, words)


def test_nothing_of_a_vehicle() -> None:
    assert parse_vehicle("", 2026) is None
    assert parse_vehicle("it's a", 2026) is None
