"""The calendar behind the words: weekdays, months, holidays, and which year is meant."""

from calendar import monthrange
from datetime import date, timedelta

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon mondays",
            "tuesday tue tues tuesdays",
            "wednesday wed weds wednesdays",
            "thursday thu thur thurs thursdays",
            "friday fri fridays",
            "saturday sat saturdays",
            "sunday sun sundays",
        )
    )
    for name in names.split()
}
# Short forms that are also English words name a weekday only next to a date word.
DOUBTFUL_WEEKDAYS = frozenset({"sat", "sun", "wed", "mon"})
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb febuary",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def safe_date(year: int, month: int, day: int) -> date | None:
    """The date, or None where there is no such day."""
    if not 1 <= year <= 9999 or not 1 <= month <= 12:
        return None
    return date(year, month, day) if 1 <= day <= monthrange(year, month)[1] else None


def add_days(day: date, days: int) -> date | None:
    """`day` + `days`, None outside the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def add_months(day: date, months: int) -> date | None:
    """The same day of another month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def week_start(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def next_weekday(after: date, weekday: int) -> date:
    """The first such weekday strictly after a day."""
    return after + timedelta(days=(weekday - after.weekday() - 1) % 7 + 1)


def last_weekday(before: date, weekday: int) -> date:
    """The latest such weekday strictly before a day."""
    return before - timedelta(days=(before.weekday() - weekday - 1) % 7 + 1)


def next_day_of_month(today: date, day: int) -> date | None:
    """The next date with that day of the month, today included."""
    for months in range(13):
        month = add_months(today.replace(day=1), months)
        found = safe_date(month.year, month.month, day) if month else None
        if found and found >= today:
            return found
    return None


def next_month_day(today: date, month: int, day: int) -> date | None:
    """The next such date, today included.

    A day of the current month that is just over stays in this year: "on the third"
    of a visit that was, not of one in a year.
    """
    for year in range(today.year, today.year + 9):
        found = safe_date(year, month, day)
        if found and (found >= today or (found.year, found.month) == (today.year, today.month)):
            return found
    return None


def agreeing(start: date, weekday: int, day: int, month: int | None) -> date | None:
    """The next date from `start` on that is both that weekday and that day of the month."""
    for months in range(12 * 12):
        first = add_months(start.replace(day=1), months)
        if first is None:
            return None
        found = safe_date(first.year, first.month, day)
        right = found and found >= start and found.weekday() == weekday
        if found and right and month in (None, found.month):
            return found
    return None


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = next_weekday(date(year, month, 1) - DAY, weekday)
    return first + (nth - 1) * WEEK


def holiday(name: str, today: date) -> date | None:
    """The next date of a US holiday named by its words, today included; None if unknown."""
    for year in range(today.year, min(today.year + 2, 9999)):
        found = _holiday_in(name, year)
        if found is None or found >= today:
            return found
    return None


def _holiday_in(name: str, year: int) -> date | None:
    fixed = {
        "christmas": (12, 25),
        "christmas day": (12, 25),
        "christmas eve": (12, 24),
        "new year's": (1, 1),
        "new years": (1, 1),
        "new year's day": (1, 1),
        "new years day": (1, 1),
        "new year's eve": (12, 31),
        "new years eve": (12, 31),
        "halloween": (10, 31),
        "valentine's day": (2, 14),
        "valentines day": (2, 14),
        "independence day": (7, 4),
        "veterans day": (11, 11),
    }
    floating = {"labor day": (9, 0, 1), "thanksgiving": (11, 3, 4), "presidents day": (2, 0, 3)}
    if name in fixed:
        return date(year, *fixed[name])
    if name in floating:
        return _nth_weekday(year, *floating[name])
    if name == "memorial day":
        return last_weekday(date(year, 6, 1), 0)
    return None
