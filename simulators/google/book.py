"""Calendars in memory, with ids, etags and sync tokens as Google keeps them.

Rules: an id is the client's and is never used twice, a deleted event stays as
cancelled; every change gets a new etag and number; a sync token is a number. Thread-safe.
Source: developers.google.com/calendar/api/v3/reference/events.
"""

import re
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
_ID = re.compile(r"^[0-9a-v]{5,1024}$")


class Refused(Exception):
    """An answer that is not 2xx: status and Google's reason."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.message = status, reason, message or reason


class Calendars:
    """All events of one account, in one calendar or several."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._events: dict[str, dict[str, Json]] = {}
        self._changed: dict[str, dict[str, int]] = {}
        self._number = 0

    # ---- what the API does ---------------------------------------------------------
    def insert(self, calendar: str, body: Json) -> Json:
        """A new event. 409 where the id was ever used."""
        with self._lock:
            event_id = body.get("id") or uuid.uuid4().hex
            if not _ID.match(event_id):
                raise Refused(400, "invalid", "Invalid resource id value.")
            if event_id in self._all(calendar):
                raise Refused(409, "duplicate", "The requested identifier already exists.")
            _check_times(body)
            return self._store(calendar, {**body, "id": event_id, "status": "confirmed"})

    def get(self, calendar: str, event_id: str) -> Json:
        """An event, cancelled ones too. 404 where there never was one."""
        with self._lock:
            if event_id not in self._all(calendar):
                raise Refused(404, "notFound", "Not Found")
            return dict(self._all(calendar)[event_id])

    def change(
        self, calendar: str, event_id: str, body: Json, *, if_match: str = "", whole: bool
    ) -> Json:
        """Update (`whole`) or patch an event; a cancelled one comes back to life by status."""
        with self._lock:
            known = self.get(calendar, event_id)
            if if_match and if_match != known["etag"]:
                raise Refused(412, "conditionNotMet", "Precondition Failed")
            kept = {} if whole else known
            _check_times({**kept, **body})
            return self._store(calendar, {"status": "confirmed", **kept, **body, "id": event_id})

    def delete(self, calendar: str, event_id: str) -> None:
        """Cancel an event. 410 where it is cancelled already."""
        with self._lock:
            known = self.get(calendar, event_id)
            if known["status"] == "cancelled":
                raise Refused(410, "deleted", "Resource has been deleted")
            self._store(calendar, {**known, "status": "cancelled"})

    def changes(self, calendar: str, since: int | None, time_min: str) -> tuple[list[Json], str]:
        """Events changed after a number (cancelled too), or all that end after a moment."""
        with self._lock:
            changed = self._changed.get(calendar, {})
            if since is None:
                found = [e for e in self._all(calendar).values() if e["status"] != "cancelled"]
                if time_min:
                    found = [e for e in found if edge(e["end"]) > moment(time_min)]
            else:
                ids = [one for one, number in changed.items() if number > since]
                found = [_as_told(self._all(calendar)[one]) for one in ids]
            return found, str(self._number)

    def busy(self, calendar: str, start: datetime, end: datetime) -> list[Json]:
        """Merged busy stretches between two moments."""
        with self._lock:
            taken = sorted(
                (max(edge(e["start"]), start), min(edge(e["end"]), end))
                for e in self.live(calendar)
                if e.get("transparency") != "transparent"
                and edge(e["start"]) < end
                and edge(e["end"]) > start
            )
        merged: list[list[datetime]] = []
        for since, until in taken:
            if merged and since <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], until)
            else:
                merged.append([since, until])
        return [{"start": a.isoformat(), "end": b.isoformat()} for a, b in merged]

    # ---- what people and tests do -----------------------------------------------------
    def live(self, calendar: str = "primary") -> list[Json]:
        """Events that are not cancelled."""
        with self._lock:
            return [e for e in self._all(calendar).values() if e["status"] != "cancelled"]

    def person_edits(self, event_id: str, calendar: str = "primary", **fields: Any) -> Json:
        """Somebody changes an event in the browser."""
        return self.change(calendar, event_id, fields, whole=False)

    def person_adds(self, start: datetime, end: datetime, calendar: str = "primary", **fields: Any) -> Json:  # fmt: skip
        """Somebody enters an event in the browser."""
        times = {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": end.isoformat()}}
        return self.insert(calendar, {"summary": "Private", **times, **fields})

    def _all(self, calendar: str) -> dict[str, Json]:
        return self._events.setdefault(calendar, {})

    def _store(self, calendar: str, event: Json) -> Json:
        self._number += 1
        event = {**event, "kind": "calendar#event", "etag": f'"{self._number}"'}
        event["updated"] = datetime.now(UTC).isoformat()
        self._all(calendar)[event["id"]] = event
        self._changed.setdefault(calendar, {})[event["id"]] = self._number
        return dict(event)

    def __iter__(self) -> Iterator[str]:
        """The calendars' ids."""
        return iter(dict(self._events))


def _as_told(event: Json) -> Json:
    """A cancelled event in a list of changes may carry its id and status only."""
    if event["status"] != "cancelled":
        return dict(event)
    return {"id": event["id"], "status": "cancelled", "etag": event["etag"]}


def _check_times(body: Json) -> None:
    for name in ("start", "end"):
        value = body.get(name)
        if not value or not ({"dateTime", "date"} & set(value)):
            raise Refused(400, "required", f"Missing {name} time.")
    if edge(body["end"]) <= edge(body["start"]):
        raise Refused(400, "timeRangeEmpty", "The specified time range is empty.")


def edge(value: Json) -> datetime:
    """A start or an end as a moment; a day begins at midnight UTC here."""
    return moment(value.get("dateTime") or f"{value['date']}T00:00:00+00:00")


def moment(text: str) -> datetime:
    """RFC 3339 as an aware moment."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
