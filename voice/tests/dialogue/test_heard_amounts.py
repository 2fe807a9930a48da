"""Miles, money, scores and dates of birth."""

from datetime import date

import pytest

from voice.dialogue.heard import parse_dob, parse_money, parse_odometer, parse_score

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "miles"),
    [
        ("forty-two five", 42_500),
        ("forty two thousand five hundred", 42_500),
        ("42,500", 42_500),
        ("42500 miles", 42_500),
        ("sixty thousand", 60_000),
        ("about eighty five k", 85_000),
        ("85k", 85_000),
        ("about 85,000", 85_000),
        ("a hundred and twenty thousand", 120_000),
        ("one twenty", 120_000),
        ("ninety", 90_000),
        ("forty two three fifty", 42_350),
        ("sixty one five hundred", 61_500),
        ("42 5", 42_500),
        ("42.5k", 42_500),
        ("it has 1200 miles", 1_200),
        ("I don't know", None),
        ("", None),
        ("nine hundred", 900),
        ("12 thousand 500", 12_500),
    ],
)
def test_an_odometer(text: str, miles: int | None) -> None:
    assert parse_odometer(text) == miles


def test_an_odometer_in_thousands_and_a_tenth_is_exact() -> None:
    tenths = range(1, 9_999)
    assert [parse_odometer(f"{n // 10}.{n % 10}k") for n in tenths] == [n * 100 for n in tenths]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("eighty-nine ninety-five", 8995),
        ("$89.95", 8995),
        ("89 dollars", 8900),
        ("a hundred and twenty dollars", 12000),
        ("one hundred twenty-nine ninety-five", 12995),
        ("five dollars and five cents", 505),
        ("fifty cents", 50),
        ("twenty bucks", 2000),
        ("$1,200", 120000),
        ("it's free", 0),
        ("no charge", 0),
        ("nothing", None),
    ],
)
def test_money(text: str, cents: int | None) -> None:
    assert parse_money(text) == cents


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("five", 5),
        ("5", 5),
        ("a four", 4),
        ("I'd give it a three", 3),
        ("four out of five", 4),
        ("ten out of ten", 5),
        ("eight out of ten", 4),
        ("great", 5),
        ("it was great", 5),
        ("pretty good", 4),
        ("very good", 5),
        ("okay I guess", 3),
        ("not great", 2),
        ("not good", 2),
        ("not bad", 3),
        ("terrible", 1),
        ("it was awful", 1),
        ("four or five", 4),
        ("one", 1),
        ("for", 4),
        ("no one called me back", None),
        ("I waited two hours", None),
        ("what do you mean", None),
        ("", None),
    ],
)
def test_a_score(text: str, score: int | None) -> None:
    assert parse_score(text) == score


BORN = date(1981, 3, 4)


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("March fourth nineteen eighty one", BORN),
        ("March 4th, 1981", BORN),
        ("the fourth of March 1981", BORN),
        ("4 march 1981", BORN),
        ("march four eighty one", BORN),
        ("3/4/1981", BORN),
        ("3/4/81", BORN),
        ("03-04-1981", BORN),
        ("1981-03-04", BORN),
        ("03041981", BORN),
        ("three four eighty one", BORN),
        ("three four nineteen eighty one", BORN),
        ("oh three oh four nineteen eighty one", BORN),
        ("oh three oh four eighty one", BORN),
        ("zero three zero four one nine eight one", BORN),
        ("030481", BORN),
        ("it's march the 4th 81", BORN),
        ("my birthday is March 4th 1981", BORN),
        ("December thirty first two thousand five", date(2005, 12, 31)),
        ("12 31 2005", date(2005, 12, 31)),
        ("25/12/1970", date(1970, 12, 25)),
        ("january first two thousand", date(2000, 1, 1)),
        ("june fifth nineteen oh nine", date(1909, 6, 5)),
        ("six five fifty", date(1950, 6, 5)),
        ("February thirtieth 1981", None),
        ("March fourth", None),
        ("March 4th 2031", None),
        ("nineteen eighty one", None),
        ("I'd rather not say", None),
        ("", None),
    ],
)
def test_a_date_of_birth(text: str, born: date | None) -> None:
    assert parse_dob(text, TODAY) == born
