"""When a promised callback is due: within the shop's hours, lunch included.

Rules: pure. A promise made while the desk is open is due that many minutes of opening
time later; one made while it is closed counts from the next opening.
"""

from datetime import date, datetime, time, timedelta

from voice.dialogue.knowledge import Knowledge

LEAST = timedelta(minutes=15)
"""With less of the day left, "today" is no promise that can be kept."""
_LONGEST_CLOSURE_DAYS = 30


def callback_due(now: datetime, minutes: int, shop: Knowledge) -> datetime:
    """The aware UTC instant by which somebody calls back."""
    local = now.astimezone(shop.zone)
    left = timedelta(minutes=minutes)
    for ahead in range(_LONGEST_CLOSURE_DAYS):
        day = local.date() + timedelta(days=ahead)
        hours = shop.hours.get(day.weekday())
        if hours is None or any(first <= day <= last for first, last in shop.closed_days):
            continue
        opens, closes = _at(day, hours.opens, shop), _at(day, hours.closes, shop)
        begins = max(opens, local) if ahead == 0 else opens
        if begins + left <= closes:
            return (begins + left).astimezone(now.tzinfo)
        left -= max(timedelta(0), closes - begins)
    return now + timedelta(days=1)


def complaint_due(now: datetime, minutes: int, shop: Knowledge) -> datetime:
    """The same for somebody unhappy, who is called back today while the shop is open.

    Less than `minutes` before closing, that is by closing time; after it, on the next day.
    """
    due = callback_due(now, minutes, shop)
    if not is_open(now, shop):
        return due
    local = now.astimezone(shop.zone)
    closes = _at(local.date(), shop.hours[local.weekday()].closes, shop)
    return min(due, closes.astimezone(now.tzinfo)) if closes - local >= LEAST else due


def _at(day: date, at: time, shop: Knowledge) -> datetime:
    return datetime.combine(day, at, tzinfo=shop.zone)


def is_open(now: datetime, shop: Knowledge) -> bool:
    """Whether somebody is at the service desk now; lunch counts as open."""
    local = now.astimezone(shop.zone)
    hours = shop.hours.get(local.weekday())
    closed = any(first <= local.date() <= last for first, last in shop.closed_days)
    return hours is not None and not closed and hours.opens <= local.time() < hours.closes
