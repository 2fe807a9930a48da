"""Which car a caller means: year, make and model out of what they said.

Rules: the list is `catalogue.txt`; every spelling in it (the name, the ways it is said
or misheard) is compared as plain words, first exactly, then by likeness of letters
(rapidfuzz). A make that is only likely is not assumed: `ask` says what to ask for, and
a model is looked for among that make's models, or among all where no make was said
("a CR-V"). An unlisted car is taken as it was said and flagged, never refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from crm.alike import Names

SURE: Final = 88
"""Likeness, 0 to 100, from which a misheard name is taken."""
OLDEST_YEAR: Final = 1981
_POWER: Final = {"": "gas", "h": "hybrid", "e": "ev", "d": "diesel"}


@dataclass(frozen=True, slots=True)
class Model:
    """A model: `kind` is c, s, v or t; `last` is None while it is still made."""

    make: str
    name: str
    kind: str
    powertrain: str
    first: int
    last: int | None
    weight: float
    heard: tuple[str, ...]

    def made_in(self, year: int) -> bool:
        """True when this model was sold as of `year`."""
        return self.first <= year and (self.last is None or year <= self.last)


@dataclass(frozen=True, slots=True)
class Make:
    """A make: `makers` are the first three of the VIN for cars, SUVs and vans, trucks."""

    name: str
    weight: float
    makers: tuple[str, str, str]
    heard: tuple[str, ...]
    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True)
class VehicleMatch:
    """What was understood. `ask` names what is still missing: "year", "make", "model" or None.

    `listed` is False where the words were taken as they are. `options` are likely
    models to choose between when `ask` is "model".
    """

    year: int | None
    make: str
    model: str
    powertrain: str
    ask: str | None
    listed: bool = True
    options: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def makes() -> tuple[Make, ...]:
    """The whole catalogue."""
    return tuple(_read(Path(__file__).with_name("catalogue.txt").read_text("utf-8")))


def resolve_vehicle(text: str, *, this_year: int | None = None) -> VehicleMatch:
    """Understand "a twenty nineteen chevy equinox".

    Years may be digits or words; `this_year` bounds them (today's where not given).
    """
    latest = (this_year or date.today().year) + 1  # noqa: DTZ011 - a year's bound, not a moment
    year, words = _take_year(_words(text), latest)
    words = _as_digits(words)
    make, rest, behind = _take_make(words)
    # All words, not only the rest: "Range Rover Sport" holds its make's other name, and
    # "a" is noise in "a Civic" but not in "Audi a four".
    model, options = _find_model(words, make, year) if rest or not make else (None, ())
    if model is not None:
        ask = None if year else "year"
        return VehicleMatch(year, model.make, model.name, model.powertrain, ask)
    if make is None:
        return VehicleMatch(year, "", "", "gas", "make", listed=False)
    said = " ".join(behind).title()[:60]
    if options or not said:
        return VehicleMatch(year, make.name, "", "gas", "model", options=options)
    return VehicleMatch(year, make.name, said, "gas", None if year else "year", listed=False)


def powertrain_of(make: str, model: str) -> str:
    """A listed model's powertrain; gas for any other."""
    return _powertrains().get((make.casefold(), model.casefold()), "gas")


@lru_cache(maxsize=1)
def _powertrains() -> dict[tuple[str, str], str]:
    return {
        (make.name.casefold(), model.name.casefold()): model.powertrain
        for make in makes()
        for model in make.models
    }


def resolve_make(text: str) -> str | None:
    """The make somebody means by "chevy", None where it can't be told."""
    make, *_ = _take_make(_as_digits(_words(text)))
    return make.name if make else None


# ---- words ----------------------------------------------------------------------------
_ONES_IN_WORDS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS_IN_WORDS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_NOISE_WORDS: Final = (
    "a an the my our it its is i have got drive own uh um well so and just mine wife husband she "
    "he has car that this of those new old year model make thats for on in please thanks thank you"
)
_ONES = {word: n for n, word in enumerate(_ONES_IN_WORDS.split())} | {"oh": 0, "o": 0}
_TENS = {word: n * 10 for n, word in enumerate(_TENS_IN_WORDS.split(), 2)}
_NOISE = frozenset(_NOISE_WORDS.split())


def _words(text: str) -> list[str]:
    flat = re.sub(r"[^a-z0-9&]+", " ", text[:200].lower().replace("'", "")).replace("&", "and")
    return flat.split()


def _take_year(words: list[str], latest: int) -> tuple[int | None, list[str]]:
    """The first stretch of words that is a year, and the others."""
    for i in range(len(words)):
        for size in (4, 3, 2, 1):
            # "25:05" is a time: the second half of a number is no year by itself.
            if i + size > len(words) or (i and words[i - 1].isdigit() and len(words[i]) < 3):
                continue
            year = _year(words[i : i + size], latest)
            if year is not None:
                return year, words[:i] + words[i + size :]
    return None, words


def _year(words: list[str], latest: int) -> int | None:
    """1981 to `latest` out of "2019", "19" with "'", "twenty nineteen", "two thousand and five"."""
    year = _digits_year(words) if words[0].isdigit() else _spoken_year(words)
    return year if year is not None and OLDEST_YEAR <= year <= latest else None


def _digits_year(words: list[str]) -> int | None:
    if len(words) == 1 and len(words[0]) == 4:
        return int(words[0])
    if len(words) == 1 and re.fullmatch(r"0\d", words[0]):
        return 2000 + int(words[0])
    if len(words) == 2 and words[0] in {"19", "20"} and len(words[1]) == 2 and words[1].isdigit():
        return int("".join(words))
    return None


def _spoken_year(words: list[str]) -> int | None:
    match words:
        case ["two", "thousand", "and", *rest] | ["two", "thousand", *rest]:
            tail = _below_100(rest) if rest else 0
            return None if tail is None else 2000 + tail
        case ["twenty", *rest] if rest and (tail := _two_digits(rest)) is not None:
            return 2000 + tail
        case ["nineteen", *rest] if rest and (tail := _two_digits(rest)) is not None:
            return 1900 + tail
        case ["oh" | "o" | "zero", one] if 0 < _ONES.get(one, 0) < 10:
            return 2000 + _ONES[one]
    return None


def _two_digits(words: list[str]) -> int | None:
    """ "nineteen", "twenty one", "oh five" as the last two digits of a year."""
    if len(words) == 2 and words[0] in {"oh", "o", "zero"} and _ONES.get(words[1], 10) < 10:
        return _ONES[words[1]]
    value = _below_100(words)
    return value if value is not None and value >= 10 else None


def _below_100(words: list[str]) -> int | None:
    match words:
        case [one] if one in _ONES:
            return _ONES[one]
        case [ten] if ten in _TENS:
            return _TENS[ten]
        case [ten, one] if ten in _TENS and 0 < _ONES.get(one, 0) < 10:
            return _TENS[ten] + _ONES[one]
    return None


def _as_digits(words: list[str]) -> list[str]:
    """Numbers as they are written on a car: "f one fifty" -> f 150, "fifteen hundred" -> 1500."""
    out: list[str] = []
    i = 0
    while i < len(words):
        size, value = _number_at(words, i)
        out.append(words[i] if value is None else str(value))
        i += size
    return out


def _number_at(words: list[str], i: int) -> tuple[int, int | None]:
    """(how many words, their value) of the number that begins at `i`; (1, None) for none."""
    for size in (3, 2, 1):
        run = words[i : i + size]
        if len(run) == size:
            value = _spoken_number(run)
            if value is not None:
                return size, value
    return 1, None


def _spoken_number(run: list[str]) -> int | None:
    match run:
        case [*head, "hundred"] if head and (value := _below_100(head)) is not None:
            return value * 100
        case [first, *tail] if tail and 0 < _ONES.get(first, 0) < 10:
            rest = _below_100(tail)
            return None if rest is None or rest < 10 else _ONES[first] * 100 + rest
    return None if run[0] in {"oh", "o"} else _below_100(run)


# ---- makes and models -------------------------------------------------------------------
def _take_make(words: list[str]) -> tuple[Make | None, list[str], list[str]]:
    """The make that the words name best, the words that are left, and those of them behind it."""
    best: tuple[float, int, Make, int, int] | None = None
    for i, j in _runs(words, 3):
        for score, make in _makes_like("".join(words[i:j])):
            # A longer run wins a draw: "land rover" before "rover".
            if best is None or (score, j - i) > best[:2]:
                best = (score, j - i, make, i, j)
    if best is None:
        return None, [], []
    _, _, make, i, j = best
    behind = [word for word in words[j:] if word not in _NOISE]
    rest = [word for word in words[:i] if word not in _NOISE] + behind
    return make, rest or (words[i:j] if _names_a_model(make, words[i:j]) else []), behind


def _makes_like(said: str) -> list[tuple[float, Make]]:
    """The makes that this may be, in the catalogue's order."""
    found = _make_names().find(said, SURE)
    if not found:
        return []
    scores = ((max(found.get(name, 0.0) for name in make.heard), make) for make in makes())
    return [(score, make) for score, make in scores if score]


@lru_cache(maxsize=1)
def _make_names() -> Names:
    return Names(name for make in makes() for name in make.heard)


@lru_cache(maxsize=1)
def _model_names() -> Names:
    return Names(name for make in makes() for model in make.models for name in model.heard)


@lru_cache(maxsize=1)
def _models_called() -> dict[str, tuple[tuple[int, Model], ...]]:
    """Every model by each of its spellings, with its place in the catalogue."""
    called: dict[str, list[tuple[int, Model]]] = {}
    for place, model in enumerate(model for make in makes() for model in make.models):
        for name in model.heard:
            called.setdefault(name, []).append((place, model))
    return {name: tuple(models) for name, models in called.items()}


def _names_a_model(make: Make, words: list[str]) -> bool:
    said = "".join(words)
    return any(said in model.heard for model in make.models)


def _find_model(
    words: list[str], make: Make | None, year: int | None
) -> tuple[Model | None, tuple[str, ...]]:
    """The model meant, or the names to choose between."""
    if not words:
        return None, ()
    scored = [
        (score, year is None or model.made_in(year), model)
        for score, model in _models_like(words, make)
    ]
    if not scored:
        return None, ()
    # The year decides between an old and a new car of nearly one name, likeness comes first.
    scored.sort(key=lambda found: (-round(found[0], 2), not found[1], -len(found[2].name)))
    best = scored[0][2]
    rivals = {model.make for score, _, model in scored if score >= scored[0][0] - 0.005}
    if make is None and len(rivals) > 1:
        return None, ()
    return best, ()


def _models_like(words: list[str], make: Make | None) -> list[tuple[float, Model]]:
    """The models, of this make or of any, that a run of the words may be."""
    best: dict[int, tuple[float, Model]] = {}
    for i, j in _runs(words, 5):
        bonus = 0.01 * (j - i)
        for name, likeness in _model_names().find("".join(words[i:j]), SURE - 0.05).items():
            for place, model in _models_called()[name]:
                if make is None or model.make == make.name:
                    score = max(likeness + bonus, best[place][0] if place in best else 0.0)
                    best[place] = (score, model)
    return [found for _, found in sorted(best.items()) if found[0] >= SURE]


def _runs(words: list[str], longest: int) -> Iterator[tuple[int, int]]:
    for i in range(len(words)):
        for j in range(i + 1, min(i + longest, len(words)) + 1):
            yield i, j


# ---- the file -------------------------------------------------------------------------
def _read(text: str) -> Iterator[Make]:
    head = ""
    models: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            if head:
                yield _make(head, models)
            head, models = line, []
        elif line and not line.startswith("#"):
            models.append(line)
    yield _make(head, models)


def _make(head: str, models: list[str]) -> Make:
    found = re.fullmatch(r"\[(.+)\] ([\d.]+) \| (\w{3}) (\w{3}) (\w{3}) \| (.*)", head)
    if found is None:
        raise ValueError(f"catalogue.txt: {head!r}")
    name, weight, car, suv, truck, heard = found.groups()
    return Make(
        name=name,
        weight=float(weight),
        makers=(car, suv, truck),
        heard=_spellings(name, heard),
        models=tuple(_model(name, line) for line in models),
    )


def _model(make: str, line: str) -> Model:
    name, kind, years, weight, *heard = (part.strip() for part in line.split(";"))
    first, _, last = years.partition("-")
    kind_letter, _, power = kind.partition(" ")
    return Model(
        make=make,
        name=name,
        kind=kind_letter,
        powertrain=_POWER[power],
        first=int(first),
        last=int(last) if last else None,
        weight=float(weight),
        heard=_spellings(name, heard[0] if heard else ""),
    )


def _spellings(name: str, heard: str) -> tuple[str, ...]:
    said = [name, *(part for part in heard.split(",") if part.strip())]
    return tuple(dict.fromkeys("".join(_as_digits(_words(one))) for one in said))
