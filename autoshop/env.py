"""Read settings from the environment, and refuse nonsense loudly.

Every reader returns a value of the promised type or raises `BadSetting`, whose
text names the variable, what it holds and what is accepted. A secret's value is
never part of that text. An empty value counts as unset.
"""

import os
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class BadSetting(Exception):
    """A variable of the environment holds something that can't be used."""


def env(name: str, default: str = "") -> str:
    """The text of a variable, or `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def env_int(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    raw = env(name, str(default))
    if not raw.lstrip("-").isdigit() or not low <= int(raw) <= high:
        raise BadSetting(f"{name} is {raw!r}: it takes a whole number from {low} to {high}.")
    return int(raw)


def env_bool(name: str, default: bool) -> bool:
    """yes/no, true/false, on/off, 1/0."""
    raw = env(name, "yes" if default else "no").lower()
    if raw in {"yes", "true", "on", "1"}:
        return True
    if raw in {"no", "false", "off", "0"}:
        return False
    raise BadSetting(f"{name} is {raw!r}: it takes yes or no.")


def env_choice(name: str, default: str, choices: Sequence[str]) -> str:
    """One word out of `choices`."""
    raw = env(name, default).lower()
    if raw not in choices:
        raise BadSetting(f"{name} is {raw!r}: it takes one of {', '.join(choices)}.")
    return raw


def env_url(name: str, default: str, schemes: Sequence[str]) -> str:
    """A URL whose scheme is one of `schemes`, without a trailing slash."""
    raw = env(name, default)
    if raw and raw.split("://", 1)[0] not in schemes:
        shown = "://, ".join(schemes) + "://"
        raise BadSetting(f"{name} must start with {shown} (it does not).")
    return raw.rstrip("/")


def env_zone(name: str, default: str) -> str:
    """An IANA time zone, America/Los_Angeles for example."""
    raw = env(name, default)
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSetting(f"{name} is {raw!r}: it takes a zone such as America/New_York.") from error
    return raw
