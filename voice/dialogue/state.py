"""Where a conversation stands: the values it has collected and the question it asked.

Rules: pure, frozen, and safe to store: no date of birth, VIN or address is ever
kept here. Handles ("car1", "op3", "visit2") stand for rows; a handle is given out
once per call and never means anything else.
"""

from dataclasses import dataclass, field
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Wish:
    """When the caller wants to come, in the shop's local time; None is "no matter"."""

    first_day: date | None = None
    last_day: date | None = None
    weekdays: tuple[int, ...] = ()
    at: time | None = None
    not_before: time | None = None
    not_after: time | None = None
    soonest: bool = False

    @property
    def empty(self) -> bool:
        """Nothing has been said about when."""
        return self == Wish()


@dataclass(frozen=True, slots=True)
class Need:
    """What the car needs. `choices`: services the caller is asked to choose between."""

    op_codes: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    concern: str = ""
    triage: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is speaking, in their own words."""

    first_name: str = ""
    last_name: str = ""
    spelled: bool = False
    phone: str = ""
    phone_agreed: bool = False


@dataclass(frozen=True, slots=True)
class SpokenCar:
    """A car as the caller names it. `unlisted`: the catalogue does not know it."""

    year: int | None = None
    make: str = ""
    model: str = ""
    unlisted: bool = False

    @property
    def complete(self) -> bool:
        """Enough to book it."""
        return bool(self.year and self.make and self.model)

    @property
    def label(self) -> str:
        """ "2019 Honda CR-V"."""
        return " ".join(str(part) for part in (self.year or "", self.make, self.model) if part)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One call's place in its flow.

    `ride`: "" not known, "none", "shuttle" or "loaner". `goal` is what is being done now, `queue` what comes after it. `asked` names
    the question the last reply put; `tries` counts how often it has been put
    without an answer. `said` remembers what is said at most once in a call.
    """

    goal: str = ""
    queue: tuple[str, ...] = ()
    asked: str = ""
    tries: int = 0
    misunderstood: int = 0
    refusals: int = 0
    """Read-backs of the present wish that were not agreed to."""
    need: Need = Need()
    known: bool | None = None
    person: Person = Person()
    car: str = ""
    spoken_car: SpokenCar = SpokenCar()
    wish: Wish = Wish()
    about: Wish = Wish()
    searched: bool = False
    offer: str = ""
    waiting: bool | None = None
    ride: str = ""
    visit: str = ""
    change: str = ""
    identity: str = ""
    factors_tried: tuple[str, ...] = ()
    topic: str = ""
    message: str = ""
    score: int | None = None
    said: frozenset[str] = field(default_factory=frozenset)
