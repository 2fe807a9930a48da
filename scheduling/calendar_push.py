"""Being told by the calendar that something changed, so that nobody waits for the next look.

Rules of this module:
- A push says that something changed, never what: it only starts a pull. Pushes get lost, so
  the regular pull goes on (`tasks_calendar`).
- A channel carries a secret of ours and lives about a week. It is opened anew before it ends,
  and when the server's address has changed; the old one is stopped once the new one stands.
- There is none where the server can't be reached from outside by https, and none for a
  calendar that nobody but us writes to.
"""

import ipaddress
import logging
import secrets
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from scheduling.calendar import (
    CalendarDisconnected,
    CalendarError,
    CalendarProvider,
    Channel,
    connected_calendar,
)
from scheduling.calendar_sync import mark_broken
from scheduling.models import CalendarState

log = logging.getLogger(__name__)

PATH: Final = "/calendar-push"
RENEW_BEFORE: Final = timedelta(days=1)
_NOWHERE: Final = (".local", ".localhost", ".internal", ".test", ".invalid")


def push_address() -> str:
    """Where the calendar can reach us; empty where it can't."""
    parts = urlsplit(settings.BASE_URL)
    host = parts.hostname or ""
    if parts.scheme != "https" or "." not in host or host.endswith(_NOWHERE):
        return ""
    try:
        if not ipaddress.ip_address(host).is_global:
            return ""
    except ValueError:
        pass
    return settings.BASE_URL.rstrip("/") + PATH


def keep_channel(*, now: datetime, calendar: CalendarProvider | None = None) -> bool:
    """See to it that a channel stands; True where a new one was opened. Raises CalendarError."""
    address = push_address()
    if not address:
        return False
    calendar = calendar or connected_calendar()
    state, _ = CalendarState.objects.get_or_create(calendar_id=calendar.calendar_id)
    if _stands(state, address, now):
        return False
    token = secrets.token_urlsafe(32)
    try:
        opened = calendar.watch(address, token)
    except CalendarDisconnected as error:
        mark_broken(calendar.calendar_id, error.code, now)
        raise
    if opened is None:
        return False
    CalendarState.objects.filter(pk=state.pk).update(
        channel_id=opened.channel_id,
        channel_token=token,
        channel_resource=opened.resource_id,
        channel_address=address,
        channel_expires_at=opened.expires_at,
    )
    _stop_old(state, calendar)
    return True


def _stands(state: CalendarState, address: str, now: datetime) -> bool:
    """Whether the channel leads here and lasts."""
    lasts = state.channel_expires_at is not None and state.channel_expires_at > now + RENEW_BEFORE
    return bool(state.channel_id) and state.channel_address == address and lasts


def _stop_old(state: CalendarState, calendar: CalendarProvider) -> None:
    """End the channel that was replaced; one that can't be ended runs out by itself."""
    if not state.channel_id or state.channel_expires_at is None:
        return
    old = Channel(state.channel_id, state.channel_resource, state.channel_expires_at)
    try:
        calendar.stop_watching(old)
    except CalendarError as error:
        log.info("calendar_channel_not_stopped", extra={"code": error.code})


def is_our_channel(channel_id: str, token: str) -> bool:
    """Whether a push comes over a channel that we opened and still use."""
    if not channel_id or len(channel_id) > 64 or "\x00" in channel_id:
        return False
    known = CalendarState.objects.filter(channel_id=channel_id)
    expected = known.values_list("channel_token", flat=True).first() or ""
    given = token.encode("utf-8", "replace")
    return bool(expected) & secrets.compare_digest(expected.encode(), given)
