"""Numbers that aren't to be rung again, whoever they belong to: wrong ones, fax machines, none."""

from datetime import datetime

from calls.models import LineState


def flag_line(*, number: str, state: str, now: datetime) -> None:
    """Never ring this number again."""
    LineState.objects.update_or_create(number=number, defaults={"state": state, "at": now})
