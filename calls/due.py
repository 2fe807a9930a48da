"""When a promised callback is due: within the shop's hours, lunch included.

Rules: a promise made while the desk is open is due that many minutes of opening time later;
one made while it is closed counts from the next opening. Who has the shop's hours at hand
passes them; else they are asked for where the settings say that they are kept (`desk`).
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import import_string

LEAST = timedelta(minutes=15)
"""With less of the day left, "today" is no promise that can be kept."""
_LONGEST_CLOSURE_DAYS = 30


class OpenHours(Protocol):
    """One weekday's hours, shop time."""

    @property
    def opens(self) -> time:
        """When somebody is there."""

    @property
    def closes(self) -> time:
        """When nobody is any more."""


class Desk(Protocol):
    """When the service desk is open: hours by weekday (0 is Monday), closed days inclusive."""

    @property
    def zone(self) -> ZoneInfo:
        """The shop's clock."""

    @property
    def hours(self) -> Mapping[int, OpenHours]:
        """A weekday without hours is closed."""

    @property
    def closed_days(self) -> tuple[tuple[date, date], ...]:
        """First and last day of each closure."""


def desk(now: datetime) -> Desk:
    """The desk's hours as staff have set them."""
    return cast("Desk", import_string(settings.DESK_HOURS)(now))


def callback_due(now: datetime, minutes: int, shop: Desk) -> datetime:
    """The aware UTC instant by which somebody calls back."""
    local = now.astimezone(shop.zone)
    left = timedelta(minutes=minutes)
    for ahead in range(_LONGEST_CLOSURE_DAYS):
        day = local.date() + timedelta(days=ahead)
        hours = _hours_on(day, shop)
        if hours is None:
            continue
        opens, closes = _at(day, hours.opens, shop), _at(day, hours.closes, shop)
        begins = max(opens, local) if ahead == 0 else opens
        if begins + left <= closes:
            return (begins + left).astimezone(now.tzinfo)
        left -= max(timedelta(0), closes - begins)
    return now + timedelta(days=1)


def complaint_due(now: datetime, minutes: int, shop: Desk) -> datetime:
    """The same for somebody unhappy, who is called back today while the shop is open.

    Less than `minutes` before closing, that is by closing time; after it, on the next day.
    """
    due = callback_due(now, minutes, shop)
    if not is_open(now, shop):
        return due
    local = now.astimezone(shop.zone)
    closes = _at(local.date(), shop.hours[local.weekday()].closes, shop)
    return min(due, closes.astimezone(now.tzinfo)) if closes - local >= LEAST else due


def in_words(due: datetime, now: datetime, shop: Desk) -> str:
    """The promise as it is spoken: "by 10:30 AM today", "by 9:30 AM on Monday, November 23"."""
    local, today = due.astimezone(shop.zone), now.astimezone(shop.zone).date()
    days = {today: "today", today + timedelta(days=1): "tomorrow"}
    day = days.get(local.date(), f"on {local:%A, %B} {local.day}")
    return f"by {local.hour % 12 or 12}:{local:%M %p} {day}"


def _hours_on(day: date, shop: Desk) -> OpenHours | None:
    """The day's hours; None where the shop is closed all day."""
    closed = any(first <= day <= last for first, last in shop.closed_days)
    return None if closed else shop.hours.get(day.weekday())


def _at(day: date, at: time, shop: Desk) -> datetime:
    return datetime.combine(day, at, tzinfo=shop.zone)


def is_open(now: datetime, shop: Desk) -> bool:
    """Whether somebody is at the service desk now; lunch counts as open."""
    local = now.astimezone(shop.zone)
    hours = _hours_on(local.date(), shop)
    return hours is not None and hours.opens <= local.time() < hours.closes
