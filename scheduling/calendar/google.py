"""Google Calendar v3, through Google's own client.

Rules: one service object per thread, because the transport underneath is not
thread-safe. Requests time out after 4 s. Event ids are ours, so a repeated insert is
answered with 409 and makes nothing; a deleted event keeps its id and is brought
back by an update. Only `invalid_grant` means that a person must act.
Source: developers.google.com/calendar/api/v3/reference, guides "Errors" and "Sync".
"""

import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import httplib2
from django.conf import settings
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from scheduling.calendar.facts import (
    Busy,
    CalendarDisconnected,
    CalendarError,
    Changes,
    Channel,
    Conflict,
    Draft,
    Event,
    SyncExpired,
)
from scheduling.calendar.local import merge

TIMEOUT_S = 4
SCOPES = (
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.freebusy",
)
_BUSY_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})
_here = threading.local()

Json = dict[str, Any]


def google_calendar() -> "GoogleCalendar":
    """This thread's connection with the configured account."""
    key = (settings.GOOGLE_REFRESH_TOKEN, settings.GOOGLE_API_ENDPOINT, settings.GOOGLE_CALENDAR_ID)
    if getattr(_here, "key", None) != key:
        disconnect()
        _here.calendar, _here.key = GoogleCalendar(settings.GOOGLE_CALENDAR_ID, _service()), key
    calendar: GoogleCalendar = _here.calendar
    return calendar


def disconnect() -> None:
    """Close this thread's connection, if it has one."""
    if getattr(_here, "key", None) is not None:
        _here.calendar.close()
        _here.calendar = _here.key = None


def _service() -> Any:
    credentials = Credentials(  # type: ignore[no-untyped-call]
        token=None,
        refresh_token=settings.GOOGLE_REFRESH_TOKEN,
        token_uri=settings.GOOGLE_TOKEN_URI,
        client_id=settings.GOOGLE_CLIENT_ID,
        client_secret=settings.GOOGLE_CLIENT_SECRET,
    )
    return build(
        "calendar",
        "v3",
        http=AuthorizedHttp(credentials, http=httplib2.Http(timeout=TIMEOUT_S)),
        client_options={"api_endpoint": settings.GOOGLE_API_ENDPOINT + "/"},
        cache_discovery=False,
    )


class GoogleCalendar:
    """One calendar of one account."""

    def __init__(self, calendar_id: str, service: Any) -> None:
        self.calendar_id = calendar_id
        self._service = service
        self._events = service.events()

    def close(self) -> None:
        """Close the connection underneath."""
        self._service.close()

    def put(self, draft: Draft, etag: str = "") -> Event:
        """See `CalendarProvider.put`."""
        body = _body(draft)
        return self._update(draft.event_id, body, etag) if etag else self._make(draft, body)

    def _make(self, draft: Draft, body: Json) -> Event:
        """A new event; the one that is there where it says the same, Conflict where it does not."""
        try:
            return self._insert(body)
        except HttpError as error:
            if error.status_code != 409:
                raise _as_error(error) from error
        found = self.get(draft.event_id)
        if found is None or not found.is_made_of(draft):
            raise Conflict
        return found

    def _insert(self, body: Json) -> Event:
        return _event(_ask(self._events.insert(calendarId=self.calendar_id, body=body), raw=True))

    def _update(self, event_id: str, body: Json, etag: str) -> Event:
        request = self._events.update(calendarId=self.calendar_id, eventId=event_id, body=body)
        request.headers["If-Match"] = etag
        try:
            return _event(_ask(request, raw=True))
        except HttpError as error:
            if error.status_code == 412:
                raise Conflict from error
            if error.status_code == 404:  # wiped out: make it anew
                return self.put(_without_etag(body))
            raise _as_error(error) from error

    def remove(self, event_id: str) -> None:
        """See `CalendarProvider.remove`."""
        try:
            _ask(self._events.delete(calendarId=self.calendar_id, eventId=event_id), raw=True)
        except HttpError as error:
            if error.status_code not in (404, 410):
                raise _as_error(error) from error

    def get(self, event_id: str) -> Event | None:
        """See `CalendarProvider.get`."""
        try:
            found = self._events.get(calendarId=self.calendar_id, eventId=event_id)
            return _event(_ask(found, raw=True))
        except HttpError as error:
            if error.status_code in (404, 410):
                return None
            raise _as_error(error) from error

    def busy(self, start: datetime, end: datetime) -> tuple[Busy, ...]:
        """See `CalendarProvider.busy`. An answer with errors is an error, never "all free"."""
        body = {
            "timeMin": start.isoformat(),
            "timeMax": end.isoformat(),
            "items": [{"id": self.calendar_id}],
        }
        answer = _ask(self._service.freebusy().query(body=body))["calendars"]
        found: Json = answer.get(self.calendar_id) or next(iter(answer.values()), {})
        if found.get("errors"):
            raise CalendarError(str(found["errors"][0].get("reason", "freebusy")), retryable=True)
        stretches = (Busy(_moment(one["start"]), _moment(one["end"])) for one in found["busy"])
        return merge(sorted(stretches, key=lambda one: one.start))

    def changes(self, sync_token: str, since: datetime) -> Changes:
        """See `CalendarProvider.changes`."""
        asked: Json = {"calendarId": self.calendar_id, "singleEvents": True, "maxResults": 2500}
        asked |= {"syncToken": sync_token} if sync_token else {"timeMin": since.isoformat()}
        events: list[Event] = []
        while True:
            page = self._page(asked)
            events += [_event(item) for item in page.get("items", [])]
            if "nextPageToken" not in page:
                return Changes(tuple(events), page.get("nextSyncToken", ""), full=not sync_token)
            asked["pageToken"] = page["nextPageToken"]

    def _page(self, asked: Json) -> Json:
        try:
            return _ask(self._events.list(**asked), raw=True)
        except HttpError as error:
            if error.status_code == 410:
                raise SyncExpired from error
            raise _as_error(error) from error

    def watch(self, address: str, token: str) -> Channel | None:
        """See `CalendarProvider.watch`. The address must be public https."""
        body = {"id": str(uuid.uuid4()), "type": "web_hook", "address": address, "token": token}
        made = _ask(self._events.watch(calendarId=self.calendar_id, body=body))
        expires = datetime.fromtimestamp(int(made["expiration"]) / 1000, UTC)
        return Channel(made["id"], made["resourceId"], expires)

    def stop_watching(self, channel: Channel) -> None:
        """See `CalendarProvider.stop_watching`."""
        body = {"id": channel.channel_id, "resourceId": channel.resource_id}
        _ask(self._service.channels().stop(body=body))


# ---- requests -----------------------------------------------------------------------
def _ask(request: Any, *, raw: bool = False) -> Json:
    """Send one request. With `raw`, HttpError is left to the caller; all else is translated."""
    try:
        answer = request.execute()
    except RefreshError as error:
        if error.retryable:
            raise CalendarError("token_unavailable", retryable=True) from error
        raise CalendarDisconnected from error
    except (OSError, TransportError, httplib2.HttpLib2Error) as error:
        raise CalendarError("unreachable", retryable=True) from error
    except HttpError as error:
        if raw:
            raise
        raise _as_error(error) from error
    return answer if isinstance(answer, dict) else {}


def _as_error(error: HttpError) -> CalendarError:
    """Google's error in our words."""
    status = int(error.status_code)
    reasons = [d.get("reason", "") for d in error.error_details if isinstance(d, dict)]
    if status == 401:
        return CalendarDisconnected("unauthorised")
    busy = status == 429 or status >= 500 or bool(_BUSY_REASONS & set(reasons))
    return CalendarError(f"http_{status}", retryable=busy or status in (404, 409))


# ---- events -------------------------------------------------------------------------
def _body(draft: Draft) -> Json:
    return {
        "id": draft.event_id,
        "status": "confirmed",
        "summary": draft.summary,
        "description": draft.description,
        "start": {"dateTime": draft.start.isoformat(), "timeZone": settings.SHOP_TIMEZONE},
        "end": {"dateTime": draft.end.isoformat(), "timeZone": settings.SHOP_TIMEZONE},
        "extendedProperties": {"private": dict(draft.private)},
    }


def _without_etag(body: Json) -> Draft:
    return Draft(
        event_id=body["id"],
        start=_moment(body["start"]["dateTime"]),
        end=_moment(body["end"]["dateTime"]),
        summary=body["summary"],
        description=body["description"],
        private=body["extendedProperties"]["private"],
    )


def _event(item: Mapping[str, Any]) -> Event:
    return Event(
        event_id=item["id"],
        etag=item.get("etag", ""),
        cancelled=item.get("status") == "cancelled",
        start=_edge(item.get("start")),
        end=_edge(item.get("end")),
        summary=item.get("summary", ""),
        private=item.get("extendedProperties", {}).get("private", {}),
        busy=item.get("transparency", "opaque") == "opaque",
    )


def _edge(value: Mapping[str, str] | None) -> datetime | None:
    """A start or an end; a whole day begins at midnight in the shop's zone."""
    if not value:
        return None
    if "dateTime" in value:
        return _moment(value["dateTime"])
    midnight = datetime.combine(date.fromisoformat(value["date"]), time(), _zone())
    return midnight.astimezone(UTC)


_zone: Callable[[], ZoneInfo] = lambda: ZoneInfo(settings.SHOP_TIMEZONE)  # noqa: E731


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=_zone())).astimezone(UTC)
