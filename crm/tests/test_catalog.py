"""Cars as callers say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.catalog import makes, resolve_make, resolve_vehicle


@pytest.mark.parametrize(
    ("said", "year", "make", "model"),
    [
        ("a twenty nineteen chevy equinox", 2019, "Chevrolet", "Equinox"),
        ("2021 vw tiguan", 2021, "Volkswagen", "Tiguan"),
        ("tie oda camry two thousand and five", 2005, "Toyota", "Camry"),
        ("2018 honda c r v", 2018, "Honda", "CR-V"),
        ("my 2022 ford f one fifty", 2022, "Ford", "F-150"),
        ("dodge ram fifteen hundred 2015", 2015, "Ram", "1500"),
        ("2020 range rover sport", 2020, "Land Rover", "Range Rover Sport"),
        ("twenty twenty one mercedes c 300", 2021, "Mercedes-Benz", "C-Class"),
        ("a 2014 BMW three twenty eight", 2014, "BMW", "3 Series"),
        ("hun day two sun 2022", 2022, "Hyundai", "Tucson"),
        ("2019 nissan rouge", 2019, "Nissan", "Rogue"),
        ("an oh eight civic", 2008, "Honda", "Civic"),
        ("nineteen ninety eight toyota corolla", 1998, "Toyota", "Corolla"),
        ("i have a 2020 toyota rav four hybrid", 2020, "Toyota", "RAV4 Hybrid"),
        ("2020 mustang mach e", 2020, "Ford", "Mustang Mach-E"),
        ("fiat five hundred 2013", 2013, "FIAT", "500"),
        ("2021 audi q five", 2021, "Audi", "Q5"),
        ("2016 mazda cx nine", 2016, "Mazda", "CX-9"),
    ],
)
def test_a_car_is_understood(said: str, year: int, make: str, model: str) -> None:
    found = resolve_vehicle(said, this_year=2026)
    assert (found.year, found.make, found.model, found.ask) == (year, make, model, None)
    assert found.listed


@pytest.mark.parametrize(
    ("said", "ask"),
    [("it's a crv", "year"), ("2020 mazda", "model"), ("a spaceship", "make"), ("", "make")],
)
def test_what_is_missing_is_asked_for(said: str, ask: str) -> None:
    assert resolve_vehicle(said, this_year=2026).ask == ask


def test_a_model_nobody_lists_is_taken_as_it_was_said() -> None:
    found = resolve_vehicle("2019 Honda Foobar", this_year=2026)
    assert (found.make, found.model, found.listed, found.ask) == ("Honda", "Foobar", False, None)


@pytest.mark.parametrize("said", ["an oil change for my Honda", "for my Honda, please", "a Honda"])
def test_words_around_a_make_are_no_model(said: str) -> None:
    found = resolve_vehicle(said, this_year=2026)
    assert (found.make, found.model, found.listed, found.ask) == ("Honda", "", True, "model")


def test_an_electric_car_is_known_to_be_one() -> None:
    assert resolve_vehicle("2021 tesla model three", this_year=2026).powertrain == "ev"


@pytest.mark.parametrize("said", ["2031 honda civic", "1955 chevy", "25:00 honda"])
def test_a_year_that_cannot_be_is_not_taken(said: str) -> None:
    assert resolve_vehicle(said, this_year=2026).year is None


def test_a_make_alone_is_resolved() -> None:
    assert resolve_make("it is a chevy") == "Chevrolet"
    assert resolve_make("a banana") is None


def test_every_listed_model_is_found_by_its_own_name() -> None:
    lost = [
        (make.name, model.name)
        for make in makes()
        for model in make.models
        if resolve_vehicle(f"{make.name} {model.name}", this_year=2026).model != model.name
    ]
    assert lost == []


@given(st.text(max_size=250))
def test_any_text_is_resolved_without_a_crash(text: str) -> None:
    resolve_vehicle(text, this_year=2026)
