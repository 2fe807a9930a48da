"""Read settings from the environment, and refuse nonsense loudly.

Every reader returns a value of the promised type or raises `BadSetting`, whose
text names the variable, what it holds and what is accepted. A secret's value is
never part of that text. An empty value counts as unset.
"""

import contextlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class BadSetting(Exception):
    """A variable of the environment holds something that can't be used."""


def load_file(path: Path) -> None:
    """Take `NAME=value` lines of a developer's `.env`; what the environment sets already wins.

    `AUTOSHOP_ENV_FILE` names another file, or none where it is set and empty.
    """
    chosen = os.environ.get("AUTOSHOP_ENV_FILE")
    path = path if chosen is None else Path(chosen)
    if not path.is_file():
        return
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


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


def env_secret(name: str, *, at_least: int, because: str) -> str:
    """A secret of a serious deployment: set, and `at_least` characters long."""
    secret = env(name)
    if not secret:
        raise BadSetting(f"{name} must be set when {because}.")
    if len(secret) < at_least:
        raise BadSetting(f"{name} is too short: it takes at least {at_least} characters.")
    return secret


def kept_secret(path: Path) -> str:
    """A developer's own secret: made up once, then read from `path` by every process.

    Where the folder can't be written the secret lives as long as this process.
    """
    fresh = secrets.token_urlsafe(48)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _link_new(path, fresh)
        return path.read_text()
    return fresh


def _link_new(path: Path, text: str) -> None:
    """Make a file that appears whole; where another process was first, its file stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
