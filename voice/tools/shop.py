"""The shop itself: its facts for the dialogue, its menu, its prices, what it says about itself.

Rules: nothing personal in here. `load_knowledge` is shared by a process's calls and
read anew every minute, so that a change in the admin is heard within one.
"""

import re
import time as clock
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache

from crm import catalog
from scheduling import concerns, knowledge, matching, menu
from scheduling.shop_facts import shop_facts
from voice.dialogue import heard, spoken
from voice.dialogue.knowledge import DayHours, Knowledge, RideRules, ServiceFact
from voice.dialogue.state import Need, SpokenCar
from voice.tools.arguments import QuotePrice, ServiceMenu, ShopInfo
from voice.tools.frame import Frame
from voice.tools.outcome import ToolOutcome, done, refused

FRESH_S = 60.0
_kept: dict[str, tuple[float, Knowledge]] = {}


def load_knowledge(now: datetime) -> Knowledge:
    """The shop's facts, at most a minute old. Reads the database: run it in a thread."""
    kept = _kept.get("shop")
    if kept is not None and clock.monotonic() - kept[0] < FRESH_S:
        return kept[1]
    fresh = read_knowledge(now)
    _kept["shop"] = (clock.monotonic(), fresh)
    return fresh


def forget() -> None:
    """Read the facts anew for the next call."""
    _kept.clear()


def read_knowledge(now: datetime) -> Knowledge:
    """The shop's facts as they are now."""
    facts = shop_facts(now)
    items = {item.op_code: item for item in menu.items()}
    quotes = menu.quotes()
    return Knowledge(
        shop_name=facts.name,
        legal_name=facts.legal_name,
        phone=facts.phone,
        zone=facts.zone,
        greet_by_name=facts.greet_by_name,
        services={
            code: ServiceFact(
                code,
                item.spoken_name,
                quotes[code].kind,
                quotes[code].cents,
                item.visit_min,
                item.waiter_ok,
                quotes[code].note,
            )
            for code, item in items.items()
            if code in quotes  # else taken off the menu between the two looks
        },
        hours={
            day: DayHours(hours.opens, hours.closes, hours.lunch_starts, hours.lunch_ends)
            for day, hours in facts.hours.items()
        },
        rides=RideRules(
            facts.shuttle_from,
            facts.shuttle_until,
            facts.loaner_min_visit_min,
            facts.waiter_max_visit_min,
            facts.last_waiter_start,
        ),
        closed_days=facts.closed_days,
        match_need=_need_matcher(items.values()),
        match_car=match_car,
        car_names=car_names(),
    )


def _need_matcher(items: Iterable[menu.MenuItem]) -> Callable[[str], Need]:
    """Services for a caller's words, by this state of the menu; needs no database."""
    matcher = concerns.matcher_of(tuple((item.op_code, item.aliases) for item in items))
    return lambda text: _need(matcher.match(text))


def _need(match: matching.ConcernMatch) -> Need:
    triage = match.triage or ""
    if match.certain:
        return Need(op_codes=tuple(match.ops), concern="", triage=triage)
    return Need(choices=tuple(match.ops)[:2], concern="", triage=triage)


_NICKNAMES = frozenset(
    {"chevy", "caddy", "mercedes", "benz", "merc", "beamer", "bimmer", "jag", "vw"}
)


@lru_cache(maxsize=1)
def car_names() -> frozenset[str]:
    """Every make and model of the catalogue as a flat word of three characters or more, and nicknames."""
    names = {make.name for make in catalog.makes()}
    names |= {model.name for make in catalog.makes() for model in make.models}
    flat = {"".join(c for c in name.lower() if c.isalnum()) for name in names}
    return _NICKNAMES | {name for name in flat if len(name) > 2}


@lru_cache(maxsize=512)
def match_car(text: str) -> SpokenCar:
    """A car in a caller's words; only what the catalogue knows, or what stands after a make."""
    match = catalog.resolve_vehicle(text)
    return SpokenCar(match.year, match.make, match.model, unlisted=not match.listed)


def service_menu(frame: Frame, wanted: ServiceMenu) -> ToolOutcome:
    """The services a concern may need, with their codes."""
    need = frame.knowledge.match_need(wanted.concern)
    codes = need.op_codes or need.choices
    return done(
        frame.context,
        certain=bool(need.op_codes),
        triage=need.triage or None,
        services=[
            {"code": code, "name": frame.knowledge.services[code].spoken}
            for code in codes
            if code in frame.knowledge.services
        ],
    )


def quote_price(frame: Frame, wanted: QuotePrice) -> ToolOutcome:
    """A posted price with what may be said about it."""
    quote = menu.quote(wanted.service)
    return done(
        frame.context,
        service=quote.spoken_name,
        kind=quote.kind,
        cents=quote.cents,
        note=quote.note,
    )


def shop_info(frame: Frame, wanted: ShopInfo) -> ToolOutcome:
    """What the shop says about itself; no article, no answer."""
    found = knowledge.answer(wanted.topic, now=frame.now)
    about_hours = found is None or found.topic == "hours"
    told = _hours_on(frame, wanted.topic) if about_hours else ""
    if found is not None and told.startswith("We're closed"):
        told = f"{told} {found.spoken.split('. ')[0]}."
    if found is None and not told:
        return refused(frame.context, "no_answer")
    topic, spoken_answer = (found.topic, found.spoken) if found else ("hours", "")
    return done(frame.context, topic=topic, spoken=told or spoken_answer)


_OPEN_OR_CLOSED = re.compile(r"\b(open|close[ds]?|closing|hours|there)\b", re.IGNORECASE)
_SHORT = 6


def _part_about_hours(asked: str) -> str:
    """ "Move it to Friday, and what are your hours?" does not ask about Friday."""
    parts = [part for part in re.split(r"[,.;?!]| and ", asked) if part.strip()]
    about = [part for part in parts if _OPEN_OR_CLOSED.search(part)]
    return about[0] if about else asked if len(asked.split()) <= _SHORT else ""


def _hours_on(frame: Frame, asked: str) -> str:
    """The hours of the one day that was asked about, "" for none."""
    named = heard.parse_date(_part_about_hours(asked), frame.today)
    if named is None or named.day is None:
        return ""
    day, shop = named.day, frame.knowledge
    when = spoken.say_date(day, frame.today)
    hours = shop.hours.get(day.weekday())
    if hours is None or any(first <= day <= last for first, last in shop.closed_days):
        return f"We're closed {when}."
    open_at, close_at = spoken.say_time(hours.opens), spoken.say_time(hours.closes)
    return f"We're open {when}, from {open_at} to {close_at}."
