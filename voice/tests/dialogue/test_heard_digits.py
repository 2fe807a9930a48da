"""Digits and characters out of speech, with the spellings that recognisers choose."""

import pytest

from voice.dialogue.heard import (
    AddressHeard,
    parse_digits,
    parse_phone,
    parse_reference,
    parse_spelling,
    parse_street_number_and_zip,
    parse_vin_tail,
    parse_zip,
)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("five five five oh one four seven", "5550147"),
        ("555-0147", "5550147"),
        ("double seven", "77"),
        ("triple zero", "000"),
        ("five hundred fifty five", "555"),
        ("eight hundred five five five", "800555"),
        ("eight hundred", "800"),
        ("twenty nineteen", "2019"),
        ("forty two seventeen", "4217"),
        ("one for to ate", "1428"),
        ("one too three fore", "1234"),
        ("to five five", "255"),
        ("five five for", "554"),
        ("oh five", "05"),
        ("o five", "05"),
        ("two thousand five", "2005"),
        ("nought one", "01"),
        ("it's one two three", "123"),
        ("oh well", None),
        ("I want to go for it", None),
        ("", None),
        ("zero", "0"),
    ],
)
def test_digits(text: str, digits: str | None) -> None:
    assert parse_digits(text) == digits


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("555 234 0147", "+15552340147"),
        ("(555) 234-0147", "+15552340147"),
        ("+1 555 234 0147", "+15552340147"),
        ("five five five two three four oh one four seven", "+15552340147"),
        ("five five five, two three four, zero one four seven", "+15552340147"),
        ("triple five two thirty four oh one forty seven", "+15552340147"),
        ("five fifty five two three four oh one four seven", "+15552340147"),
        ("my number is 555 234 0147 thanks", "+15552340147"),
        ("it's five five five to three for oh one for seven", "+15552340147"),
        ("one eight hundred five five five oh one four seven", "+18005550147"),
        ("555 234 0148 no sorry 0147", "+15552340147"),
        ("555 234 0147 wait 555 234 0199", "+15552340199"),
        ("555 0147", None),
        ("123 456 7890", None),
    ],
)
def test_phone_numbers(text: str, e164: str | None) -> None:
    found = parse_phone(text)
    assert found is not None
    assert found.e164 == e164


def test_part_of_a_phone_number_keeps_its_digits() -> None:
    found = parse_phone("five five five two three")
    assert found is not None
    assert (found.digits, found.e164) == ("55523", None)
    assert parse_phone("what number do you mean") is None


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("one two three four five six", "123456"),
        ("it's 118341", "118341"),
        ("the last six are one one eight three four one", "118341"),
        ("oh oh four three five two", "004352"),
        ("A oh oh four three five", "A00435"),
        ("S as in Sam one two three four five", "S12345"),
        ("S for Sierra 1 2 3 4 5", "S12345"),
        ("sierra one two three four five", "S12345"),
        ("S like sugar, one two three four five", "S12345"),
        ("double four three five six seven", "443567"),
        ("B as in boy, D as in dog, one two three four", "BD1234"),
        ("bee dee one two three four", "BD1234"),
        ("five as in", None),
        ("A A zero zero four three five two", "AA004352"),
        ("1HGCM82633A004352", "1HGCM82633A004352"),
        ("I think it's one two three four five six", "123456"),
        ("I don't have it", None),
        ("one two three four five", None),
        ("Q 1 2 3 4 5", None),
        ("four, S as in Sierra, five; six, seven, eight", "4S5678"),
    ],
)
def test_vin_tails(text: str, tail: str | None) -> None:
    assert parse_vin_tail(text) == tail


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("K seven M four Q two", "K7M4Q2"),
        ("K7M4Q2", "K7M4Q2"),
        ("k 7 m 4 q 2", "K7M4Q2"),
        ("kay seven em four cue two", "K7M4Q2"),
        ("my reference is K as in kilo seven M as in Mike four Q two", "K7M4Q2"),
        ("kilo seven mike four quebec two", "K7M4Q2"),
        ("the code is K 7 M 4 Q 2", "K7M4Q2"),
        ("K seven M four", None),
        ("K zero M four Q two", None),
        ("I lost it", None),
    ],
)
def test_references(text: str, reference: str | None) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("R U I Z", "Ruiz"),
        ("r-u-i-z", "Ruiz"),
        ("are you eye zee", "Ruiz"),
        ("N as in Nancy, G, U, Y, E, N", "Nguyen"),
        ("double L", "Ll"),
        ("K O W A L S K I", "Kowalski"),
        ("S M I T H", "Smith"),
        ("O B R I E N", "Obrien"),
        ("B A double R Y", "Barry"),
        ("hello there", None),
        ("", None),
    ],
)
def test_spellings(text: str, word: str | None) -> None:
    assert parse_spelling(text) == word


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nine oh two one oh", "90210"),
        ("90210", "90210"),
        ("90210-1234", "90210"),
        ("it's ninety two ten", None),
        ("my zip is 0 2 1 3 9", "02139"),
        ("nine zero two ten", "90210"),
        ("nine oh two", None),
        ("no", None),
    ],
)
def test_zip_codes(text: str, code: str | None) -> None:
    assert parse_zip(text) == code


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1245 Oak Street 90210", AddressHeard("1245", "90210")),
        ("twelve forty five Oak Street, nine oh two one oh", AddressHeard("1245", "90210")),
        ("1245 and the zip is 90210", AddressHeard("1245", "90210")),
        ("45 5th Avenue, 10011", AddressHeard("45", "10011")),
        ("one hundred two Maple, zip code 90210", AddressHeard("102", "90210")),
        ("1245 Oak Street", None),
        ("90210", None),
        ("I'd rather not say", None),
    ],
)
def test_street_number_and_zip(text: str, address: AddressHeard | None) -> None:
    assert parse_street_number_and_zip(text) == address
