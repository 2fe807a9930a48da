"""Made-up people: names, birth dates, numbers, addresses, consent.

Rules: values come from pools that Faker fills once (asking it for every row costs
twenty times as much). One customer in twelve shares the number, address and family name
of the one before; some of these are twins (one birth date) or a junior (one name), the
two cases that phone lookup has to get right.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Final

import phonenumbers
from faker import Faker

from scheduling.seeding.draws import Weighted, pick, whole

LANGUAGES: Final = ("en", "es", "vi", "zh", "ko")
_LANGUAGE_WEIGHTS: Final = (88, 10, 1, 0.5, 0.5)
_STATES: Final = ("NY", "NJ", "CT", "PA", "MA")
_STATE_WEIGHTS: Final = (60, 16, 10, 9, 5)
_NOTES: Final = (
    "Prefers a text when the car is ready.",
    "Pays by company check.",
    "Please vacuum the dog hair.",
    "Wheel lock key is in the glove box.",
    "Asks for Maria at the desk.",
    "Drops off before nine, key in the box.",
)
LINES: Final = 100
"""555-0100 to 555-0199: numbers kept free for fiction."""
_SPARE_LINES: Final = (*range(200, 1000), *range(2000, 10_000))
"""Past some 40,000 numbers, further lines of the 555 exchange, which is assigned to nobody."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer to be; `numbers` are E.164, the first is primary and may be shared."""

    first: str = field(repr=False)
    last: str = field(repr=False)
    dob: dt.date = field(repr=False)
    email: str = field(repr=False)
    language: str
    preference: str
    notes: str = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)
    shares_number: bool
    address: tuple[str, str, str, str, str] = field(repr=False)
    known_since: dt.date
    voice_consent: bool
    sms_consent: bool
    do_not_call: bool
    contact: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pools:
    """What people are made of."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    first_es: tuple[str, ...]
    last_es: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]


def make_pools(seed: int) -> Pools:
    """Pools for one run; the same seed fills them alike."""
    english, spanish = Faker("en_US", use_weighting=False), Faker("es_MX", use_weighting=False)
    english.seed_instance(seed)
    spanish.seed_instance(seed)
    random = Random(seed)
    states = random.choices(_STATES, _STATE_WEIGHTS, k=300)
    return Pools(
        first=_different(english.first_name, 400),
        last=_different(english.last_name, 800),
        first_es=_different(spanish.first_name, 150),
        last_es=_different(spanish.last_name, 250),
        streets=_different(english.street_name, 400),
        places=tuple(
            (english.city()[:80], state, english.zipcode_in_state(state)) for state in states
        ),
    )


def _different(draw: Callable[[], str], wanted: int) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for _ in range(wanted * 3):
        found.setdefault(draw())
        if len(found) == wanted:
            break
    return tuple(found)


class Numbers:
    """Hands out numbers, each once, spread over every area code."""

    def __init__(self, seed: int, wanted: int) -> None:
        self._codes = list(area_codes())
        lines = list(range(100, 100 + LINES))
        random = Random(f"numbers:{seed}")
        random.shuffle(self._codes)
        random.shuffle(lines)
        if wanted > len(self._codes) * LINES:
            lines += random.sample(_SPARE_LINES, k=len(_SPARE_LINES))
        self._lines = lines
        self._given = 0

    def next(self) -> str:
        """The next free number, E.164."""
        line, code = divmod(self._given, len(self._codes))
        self._given += 1
        return f"+1{self._codes[code]}555{self._lines[line]:04d}"


@lru_cache(maxsize=1)
def area_codes() -> tuple[int, ...]:
    """Every geographic area code of the United States: some 300."""
    kind = phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    found = []
    for code in range(201, 990):
        number = phonenumbers.PhoneNumber(country_code=1, national_number=code * 10**7 + 5550100)
        is_american = phonenumbers.region_code_for_number(number) == "US"
        if is_american and phonenumbers.number_type(number) == kind:
            found.append(code)
    return tuple(found)


def make_people(
    *, pools: Pools, numbers: Numbers, random: Random, count: int, today: dt.date
) -> Iterator[Person]:
    """`count` people; households stand next to each other."""
    before: Person | None = None
    for _ in range(count):
        roll = random.random()
        if before is not None and before.numbers and roll < 0.085:
            person = _relative(pools, numbers, random, today, before, roll)
            before = None  # at most two of a household in a row
        else:
            person = before = _stranger(pools, numbers, random, today, has_phone=roll < 0.968)
        yield person


def _stranger(
    pools: Pools, numbers: Numbers, random: Random, today: dt.date, *, has_phone: bool
) -> Person:
    language = _LANGUAGE.draw(random)
    spanish = language == "es"
    first = pick(random, pools.first_es if spanish else pools.first)
    last = pick(random, pools.last_es if spanish else pools.last)
    own = [numbers.next()] if has_phone else []
    if has_phone and random.random() < 0.124:
        own.append(numbers.next())
    place = pick(random, pools.places)
    address = (str(whole(random, 1, 9899)), pick(random, pools.streets), *place)
    return _person(random, today, first, last, _birth(random, today), language, own, address, False)


def _relative(
    pools: Pools, numbers: Numbers, random: Random, today: dt.date, other: Person, roll: float
) -> Person:
    first, dob = pick(random, pools.first), _birth(random, today)
    if roll < 0.010:  # a junior: the elder's name, a generation later or earlier
        first = other.first
        dob = _generation_apart(other.dob, random, today)
    elif roll < 0.020:
        dob = other.dob
    own = [other.numbers[0]]
    if random.random() < 0.12:
        own.append(numbers.next())
    return _person(random, today, first, other.last, dob, other.language, own, other.address, True)


def _person(
    random: Random,
    today: dt.date,
    first: str,
    last: str,
    dob: dt.date,
    language: str,
    own: list[str],
    address: tuple[str, str, str, str, str],
    shares: bool,
) -> Person:
    agrees = random.random() >= 0.12
    grown_up = dob + dt.timedelta(days=18 * 366)
    since = max(today - dt.timedelta(days=whole(random, 8, 2200)), min(grown_up, today))
    return Person(
        first=first,
        last=last,
        dob=dob,
        email=_email(random, first, last) if random.random() < 0.8 else "",
        language=language,
        preference=_PREFERENCE.draw(random),
        notes=pick(random, _NOTES) if random.random() < 0.05 else "",
        numbers=tuple(own),
        shares_number=shares,
        address=address,
        known_since=since,
        voice_consent=agrees and random.random() < 78 / 88,
        sms_consent=agrees and random.random() < 72 / 88,
        do_not_call=bool(own) and random.random() < 0.031,
        contact=f"{pick(random, _SOME_FIRST)} {last}" if random.random() < 0.03 else "",
    )


_SOME_FIRST: Final = ("Alex", "Chris", "Jamie", "Morgan", "Pat", "Robin", "Sam", "Terry")
_LANGUAGE: Final = Weighted(LANGUAGES, _LANGUAGE_WEIGHTS)
_PREFERENCE: Final = Weighted(("call", "text", "email", "none"), (48, 36, 13, 3))


def _birth(random: Random, today: dt.date) -> dt.date:
    """18 to 90 years ago, most often 47."""
    return today - dt.timedelta(days=int(random.triangular(18.1, 90, 47) * 365.25))


def _generation_apart(dob: dt.date, random: Random, today: dt.date) -> dt.date:
    gap = dt.timedelta(days=whole(random, 20, 34) * 365 + whole(random, 0, 364))
    younger = dob + gap
    return younger if younger < today - dt.timedelta(days=18 * 366) else dob - gap


def _email(random: Random, first: str, last: str) -> str:
    name = f"{first}.{last}".lower().replace(" ", "").replace("'", "")
    plain = name.encode("ascii", "ignore").decode()
    ending = pick(random, ("com", "org", "net"))
    return f"{plain}{whole(random, 1, 9999)}@example.{ending}"
