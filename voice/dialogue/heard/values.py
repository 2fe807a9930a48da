"""What was heard, as facts: a date, a time, a wish made of both, an answer.

Rules: frozen values, no behaviour beyond reading them. Dates and times are local
to the shop; a range is inclusive at both ends; weekdays count from Monday = 0.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class DateHeard:
    """A day, or a range of days (`first` to `last`), or some weekdays of a range.

    `late`: the far end is wanted ("end of the month"). `rival`: weekday and date do
    not agree ("Friday the 29th" and the 29th is a Sunday): `first` is the next day
    that is both, `rival` the next day with that date; ask which is meant. `past`:
    all of it lies before today.
    """

    first: date
    last: date
    weekdays: frozenset[int] = frozenset()
    late: bool = False
    past: bool = False
    rival: date | None = None

    @property
    def day(self) -> date | None:
        """The day, where it is a single one."""
        return self.first if self.first == self.last else None

    @property
    def likeliest(self) -> date:
        """The one day that stands for it: the far end when `late`, else the first allowed."""
        if self.late:
            return self.last
        return next((day for day in self.days(31)), self.first)

    def allows(self, day: date) -> bool:
        """Whether a day is among those meant."""
        in_range = self.first <= day <= self.last
        return in_range and (not self.weekdays or day.weekday() in self.weekdays)

    def days(self, limit: int = 31) -> tuple[date, ...]:
        """The days meant, earliest first; looks at `limit` days from the first."""
        span = min((self.last - self.first).days + 1, limit)
        every = (self.first + timedelta(days=offset) for offset in range(span))
        return tuple(day for day in every if self.allows(day))


class Part(StrEnum):
    """A part of the day."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class TimeHeard:
    """A time of day: exact (`at`), bounded (`earliest`, `latest`) or a part of the day.

    `meridiem_known` False: "at six" could be morning or evening; `at` is then as
    said (06:00) and `business_time` decides. `approximate`: "nine-ish". `soonest`:
    "first thing"; `last`: "the last opening of the day".
    """

    at: time | None = None
    earliest: time | None = None
    latest: time | None = None
    part: Part | None = None
    meridiem_known: bool = True
    approximate: bool = False
    soonest: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing wished for: a date, a time, or both."""

    date: DateHeard | None = None
    time: TimeHeard | None = None


@dataclass(frozen=True, slots=True)
class WhenHeard:
    """What a caller said about when.

    `options` in the order said, `excluded` what they ruled out ("not Tuesday"),
    `soonest`: "as soon as possible", `whenever`: "any time is fine".
    """

    options: tuple[Moment, ...] = ()
    excluded: tuple[Moment, ...] = ()
    soonest: bool = False
    whenever: bool = False

    @property
    def date(self) -> DateHeard | None:
        """The date of the first option that has one."""
        return next((option.date for option in self.options if option.date), None)

    @property
    def time(self) -> TimeHeard | None:
        """The time of the first option that has one."""
        return next((option.time for option in self.options if option.time), None)


class Answer(StrEnum):
    """An answer to a yes/no question."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class YesNoHeard:
    """An answer. `because` is the words that decided; `change`: what else was asked for.

    "Yes, but make it Thursday" is YES with change "make it thursday": not a yes to
    what was read back. "No, that's right" is YES.
    """

    answer: Answer
    because: str
    change: str = ""

    @property
    def agreed(self) -> bool:
        """A plain yes that changes nothing: the only thing that lets a write run."""
        return self.answer is Answer.YES and not self.change


@dataclass(frozen=True, slots=True)
class CorrectionHeard:
    """The caller took something back: `new` is what replaces it, "" when only taken back."""

    new: str
    marker: str


@dataclass(frozen=True, slots=True)
class PhoneHeard:
    """Digits of a phone number; `e164` once they make a whole North American one."""

    digits: str
    e164: str | None = None


@dataclass(frozen=True, slots=True)
class NameHeard:
    """A person's name; either part may be "" when only one was said."""

    first: str
    last: str
    spelled: bool = False


@dataclass(frozen=True, slots=True)
class VehicleHeard:
    """A model year and the words that name the car ("honda civic")."""

    year: int | None
    words: str


@dataclass(frozen=True, slots=True)
class AddressHeard:
    """The two parts of an address that verification compares."""

    street_number: str
    zip_code: str
