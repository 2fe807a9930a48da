"""What the shop is and does, as one plain value that dialogue code may look at.

Rules: pure; loaded from the database by `voice.tools.shop` and shared by the calls
of a process for a minute. Nothing about any customer is in here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

from voice.dialogue.state import Need, SpokenCar


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """One line of the service menu. `price_kind`: fixed, from or diag; `visit_min` minutes."""

    code: str
    spoken: str
    price_kind: str
    price_cents: int
    visit_min: int | None
    waiter_ok: bool
    price_note: str = ""


@dataclass(frozen=True, slots=True)
class DayHours:
    """One weekday's opening hours, shop time."""

    opens: time
    closes: time
    lunch_starts: time | None = None
    lunch_ends: time | None = None


@dataclass(frozen=True, slots=True)
class RideRules:
    """When a shuttle runs, for how long a job (minutes) a loaner car is lent, and who may wait."""

    shuttle_from: time = time(9)
    shuttle_until: time = time(10)
    loaner_min: int = 240
    wait_max_min: int = 90
    last_wait: time = time(15)


@dataclass(frozen=True, slots=True)
class Topic:
    """Something the agent may say about the shop, and the phrases that ask for it."""

    name: str
    phrases: tuple[str, ...]
    spoken: str


def _no_need(text: str) -> Need:
    return Need()


def _no_car(text: str) -> SpokenCar:
    return SpokenCar()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The shop's facts. `match_need` and `match_car` read a caller's words."""

    shop_name: str = "Bart's Automotive"
    legal_name: str = "Bart's Automotive LLC"
    phone: str = "+15555550100"
    zone: ZoneInfo = ZoneInfo("America/New_York")
    greet_by_name: bool = True
    services: Mapping[str, ServiceFact] = field(default_factory=dict)
    hours: Mapping[int, DayHours] = field(default_factory=dict)
    rides: RideRules = RideRules()
    closed_days: tuple[tuple[date, date], ...] = ()
    topics: tuple[Topic, ...] = ()
    match_need: Callable[[str], Need] = _no_need
    match_car: Callable[[str], SpokenCar] = _no_car
    car_names: frozenset[str] = frozenset()
    """Makes and models in lower case without spaces or hyphens: what may be a car's name."""

    def may_name_a_car(self, text: str) -> bool:
        """Whether a make or model stands in a text: what is asked before the search that is not cheap."""
        flat = "".join(filter(str.isalnum, text.lower()))
        return not self.car_names or any(name in flat for name in self.car_names)

    def spoken_services(self, codes: tuple[str, ...]) -> str:
        """The services as the agent says them: "synthetic oil change and tire rotation"."""
        names = [self.services[code].spoken for code in codes if code in self.services]
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} and {names[-1]}"
