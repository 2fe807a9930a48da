"""Made-up cars: model year, make and model by popularity, VIN, mileage.

Rules: up to 2020 the models of a year are faker-vehicle's, weighted by our catalogue
(its rows are uniform over trims); later years are the catalogue's own. A VIN has its
maker's code, a letter in position 7 from 2010 on and a digit before, the right check
digit and year. Mileage follows one curve of a typical car, times the owner's factor:
every reading of a car lies on its curve, so none can be below an earlier one.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp
from random import Random
from typing import Final

from faker_vehicle.vehicle_dict import vehicles as known_vehicles

from crm import vin
from crm.catalog import Make, Model, makes
from scheduling.seeding.draws import Weighted, pick, whole

LAST_KNOWN_YEAR: Final = 2020
"""The newest model year that faker-vehicle has."""
_AGES: Final = ((0, 3, 38), (4, 7, 34), (8, 11, 17), (12, 20, 11))
_UNLISTED_WEIGHT: Final = 0.1
_TRIMS: Final = ("", "", "LE", "SE", "EX", "Sport", "Limited", "Touring", "Premium", "Base")
_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"
_SPREAD: Final = 7919
"""Prime, so that serials run through all six-digit numbers without being neighbours."""


@dataclass(frozen=True, slots=True)
class Car:
    """A car to be. `built` is its first day on the road; `factor` its owner's share of miles."""

    vin: str = field(repr=False)
    year: int
    make: str
    model: str
    trim: str
    plate: str = field(repr=False)
    powertrain: str
    built: dt.date
    factor: float

    def odometer(self, day: dt.date) -> int:
        """Miles on that day."""
        return miles_at(self.built, self.factor, day)


def miles_at(built: dt.date, factor: float, day: dt.date) -> int:
    """Miles of a car first driven on `built`; 6 at least, as delivered."""
    return 6 + int(_typical_miles(max((day - built).days, 0)) * factor)


def _typical_miles(days: int) -> float:
    """12,000 a year for five years, then falling to 7,800 a year past the ninth."""
    years = days / 365.25
    first = min(years, 5.0) * 12_000
    middle = min(max(years - 5, 0.0), 4.0)
    # From 12,000 to 7,800 a year in a straight line: the area under it.
    return first + middle * (12_000 - 4_200 * middle / 8) + max(years - 9, 0.0) * 7_800


def make_car(*, random: Random, index: int, today: dt.date) -> Car:
    """The `index`-th car of a run: indexes make VINs differ."""
    low, high = _AGE.draw(random)
    age = whole(random, low, high)
    year = today.year - age + (1 if age == 0 and today.month >= 9 and random.random() < 0.4 else 0)
    make, model, trim = _draw(random, year)
    kind = _listed(make.name, model)
    return Car(
        vin=_vin(random, make, kind, year, index),
        year=year,
        make=make.name,
        model=model,
        trim=trim or pick(random, _TRIMS),
        plate=_plate(random),
        powertrain=kind.powertrain if kind else "gas",
        built=_built(random, year, today),
        factor=min(max(exp(random.gauss(-0.08, 0.4)), 0.25), 3.0),
    )


_AGE: Final = Weighted([(low, high) for low, high, _ in _AGES], [share for *_, share in _AGES])


def _built(random: Random, year: int, today: dt.date) -> dt.date:
    """Cars of a model year are first driven from the August before to the next summer."""
    built = dt.date(year - 1, 8, 1) + dt.timedelta(days=whole(random, 0, 330))
    return min(built, today - dt.timedelta(days=whole(random, 20, 90)))


def _plate(random: Random) -> str:
    letters = "".join(pick(random, _LETTERS) for _ in range(3))
    return f"{letters}{whole(random, 1000, 9999)}"


def _vin(random: Random, make: Make, model: Model | None, year: int, index: int) -> str:
    kind = model.kind if model else "c"
    maker = make.makers[{"c": 0, "s": 1, "v": 1, "t": 2}[kind]]
    seventh = pick(random, "ABCDEFGH" if year >= 2010 else "123456789")
    attributes = (
        f"{pick(random, 'ABCDEFGHJK')}{whole(random, 10, 99)}{seventh}{whole(random, 1, 9)}"
    )
    return vin.build(
        maker=maker,
        attributes=attributes,
        year=year,
        plant=_LETTERS[index // 1_000_000 % len(_LETTERS)].translate(_NO_U),
        serial=index * _SPREAD % 1_000_000,
    )


_NO_U: Final = str.maketrans("U", "W")


# ---- which model ---------------------------------------------------------------------
def _draw(random: Random, year: int) -> tuple[Make, str, str]:
    """(make, model, trim or "") of a car of that year."""
    return _pool(year).draw(random)


@lru_cache(maxsize=64)
def _pool(year: int) -> Weighted[tuple[Make, str, str]]:
    weighted: dict[tuple[str, str, str], float] = {}
    by_name = {make.name: make for make in makes()}
    for make in makes():
        for model, trim, weight in _models(make, year):
            weighted[make.name, model, trim] = weight
    return Weighted(
        [(by_name[make], model, trim) for make, model, trim in weighted], list(weighted.values())
    )


def _models(make: Make, year: int) -> list[tuple[str, str, float]]:
    """The models of one make and year, each with its trim and weight."""
    known = _known().get((make.name.lower(), year), ())
    if year > LAST_KNOWN_YEAR or not known:
        current = [model for model in make.models if model.made_in(year)]
        share = make.weight / (sum(model.weight for model in current) or 1)
        return [(model.name, "", model.weight * share) for model in current]
    found = [_matched(make, name) for name in known]
    share = make.weight / sum(weight for _, _, weight in found)
    return [(model, trim, weight * share) for model, trim, weight in found]


def _matched(make: Make, name: str) -> tuple[str, str, float]:
    """A row of faker-vehicle as the catalogue calls it: "Silverado 1500" and "Crew Cab"."""
    plain = _plain(name)
    fits = [model for model in make.models if plain.startswith(_plain(model.name))]
    if not fits:
        return name, "", _UNLISTED_WEIGHT
    model = max(fits, key=lambda one: len(one.name))
    return model.name, _suffix(name, model.name), model.weight


def _suffix(name: str, model: str) -> str:
    """What follows the model in a longer name."""
    for cut in range(len(name) + 1):
        if _plain(name[:cut]) == _plain(model):
            rest = name[cut:].strip()
            return rest if not rest or name[cut : cut + 1] == " " else ""
    return ""


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


@lru_cache(maxsize=1)
def _known() -> dict[tuple[str, int], tuple[str, ...]]:
    found: defaultdict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for row in known_vehicles:
        found[row["Make"].lower(), row["Year"]].setdefault(row["Model"])
    return {key: tuple(names) for key, names in found.items()}


@lru_cache(maxsize=4096)
def _listed(make: str, model: str) -> Model | None:
    for each in makes():
        if each.name == make:
            return next((one for one in each.models if one.name == model), None)
    return None
