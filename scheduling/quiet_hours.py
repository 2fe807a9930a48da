"""When an automatic call may disturb somebody. Pure.

Rules: Monday to Saturday, nine to seven, on the clock of every zone the person may be
in: the number's and the address's. Some states ask for more (the table); one counts if
the number or the address lies in it. States whose hours are wider than ours need no
row. Public holidays are quiet days. Requirements drawn from public sources; not legal
advice (domain, compliance rows C5 and C7).
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import phonenumbers
from phonenumbers import timezone as number_zones

OPENS, CLOSES = 9, 19
SUNDAY = 6
_COASTS = ("America/New_York", "America/Los_Angeles")
_TOO_MANY_ZONES = 6  # a toll-free number lies everywhere, which is to say nowhere


@dataclass(frozen=True, slots=True)
class StateRule:
    """Hours on the local clock; `weekdays_only` leaves Saturday out too."""

    opens: int = OPENS
    closes: int = CLOSES
    weekdays_only: bool = False
    no_ai_calls: bool = False


STATE_RULES = {
    "CA": StateRule(no_ai_calls=True),
    "RI": StateRule(closes=18, weekdays_only=True),
}
"""Stricter than ours: California (PUC 2874: announcement by a natural voice), Rhode Island."""

AREA_CODES = {
    "CA": frozenset(
        [
            "209",
            "213",
            "279",
            "310",
            "323",
            "341",
            "350",
            "357",
            "369",
            "408",
            "415",
            "424",
            "442",
            "510",
            "530",
            "559",
            "562",
            "619",
            "626",
            "628",
            "650",
            "657",
            "661",
            "669",
            "707",
            "714",
            "738",
            "747",
            "760",
            "805",
            "818",
            "820",
            "831",
            "837",
            "840",
            "858",
            "909",
            "916",
            "925",
            "949",
            "951",
        ]
    ),
    "RI": frozenset({"401"}),
}
"""Area codes of the states in the table."""

_EASTERN, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"
_STATES_IN = {
    (_EASTERN,): "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    (_EASTERN, _CENTRAL): "FL IN KY MI TN",
    (_CENTRAL,): "AL AR IA IL LA MN MO MS OK WI",
    (_CENTRAL, _MOUNTAIN): "KS ND NE SD TX",
    (_MOUNTAIN,): "CO MT NM UT WY",
    (_MOUNTAIN, _PACIFIC): "ID NV OR",
    ("America/Phoenix", _MOUNTAIN): "AZ",
    (_PACIFIC,): "CA WA",
    ("America/Anchorage", "America/Adak"): "AK",
    ("Pacific/Honolulu",): "HI",
    ("America/Puerto_Rico",): "PR VI",
}
STATE_ZONES = {state: zones for zones, states in _STATES_IN.items() for state in states.split()}


@lru_cache(maxsize=4096)
def zones_of(number: str, state: str) -> tuple[str, ...]:
    """Every zone that somebody with this number (E.164) and address may be in."""
    try:
        found = number_zones.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        found = ()
    known = tuple(zone for zone in found if "/" in zone and zone != "Etc/Unknown")
    if not known or len(known) > _TOO_MANY_ZONES:
        known = _COASTS
    return tuple(dict.fromkeys((*known, *STATE_ZONES.get(state, ()))))


def states_of(number: str, state: str) -> tuple[str, ...]:
    """The states with a rule of their own that the number or the address lies in."""
    area = number.removeprefix("+1")[:3] if number.startswith("+1") else ""
    by_number = (name for name, codes in AREA_CODES.items() if area in codes)
    return tuple(dict.fromkeys((*by_number, *((state,) if state in STATE_RULES else ()))))


def is_quiet(zones: tuple[str, ...], states: tuple[str, ...], now: datetime) -> bool:
    """True where it is too early, too late, Sunday or a public holiday for somebody."""
    rules = [StateRule(), *(STATE_RULES[state] for state in states)]
    return any(_is_quiet_in(zone, rule, now) for zone in zones for rule in rules)


def _is_quiet_in(zone: str, rule: StateRule, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(zone))
    if local.weekday() == SUNDAY or (rule.weekdays_only and local.weekday() == SUNDAY - 1):
        return True
    return not rule.opens <= local.hour < rule.closes or is_holiday(local.date())


@lru_cache(maxsize=1024)
def is_holiday(day: date) -> bool:
    """A federal holiday of the United States, or the day it is kept on."""
    return day in holidays.country_holidays("US", years=day.year)


def is_calling_day(day: date) -> bool:
    """A day on which anybody at all may be rung."""
    return day.weekday() != SUNDAY and not is_holiday(day)


def day_part(zones: tuple[str, ...], moment: datetime) -> str:
    """morning, afternoon or evening, on the clock of the number's own zone."""
    hour = moment.astimezone(ZoneInfo(zones[0])).hour
    if hour < 12:
        return "morning"
    return "afternoon" if hour < 16 else "evening"
