"""Whether the calendar converges: a storm of changes and faults, then a full comparison.

    python -m benchmarks.calendar [--quick]

Ten thousand bookings, moves and cancellations are delivered by four worker processes to a
simulated Google that fails three times in ten, breaks the line after the write, kills tokens
and expires sync tokens, while a person scribbles in the events and workers are killed at
their work. Afterwards book and calendar are compared event by event.
"""

import argparse
import logging
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.context import SpawnProcess
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event as Stop
from random import Random

from django.conf import settings
from django.db import connection, connections
from django.db.models import QuerySet

from benchmarks import scratch  # sets Django up, so it comes first
from benchmarks.booking import fleet
from benchmarks.report import Figure, table
from crm.errors import Refusal
from crm.models import Vehicle
from scheduling import booking, calendar_pull, calendar_sync
from scheduling.calendar import CalendarError, connected_calendar
from scheduling.calendar.google import disconnect
from scheduling.calendar_reconcile import compare
from scheduling.models import Appointment, CalendarOutbox, CalendarReview
from scheduling.openings import Wish
from scheduling.visits import find_openings
from simulators.google import Faults, GoogleSimulator

NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(days=90)
WORKERS = 4
IDLE_S = 0.02
PULL_EVERY = 200
KILL_EVERY = 2_000


class Storm:
    """What happens to the book, one operation after the other."""

    def __init__(self, cars: list[Vehicle], google: GoogleSimulator) -> None:
        self._cars, self._google, self._random = cars, google, Random(3)
        self._standing: list[int] = []
        self.scribbled: set[str] = set()
        self.done = 0

    def step(self) -> None:
        """One booking, move, cancellation or scribble."""
        draw, standing = self._random.random(), self._standing
        try:
            if draw < 0.02 and (live := self._google.calendars.live()):
                event_id = self._random.choice(live)["id"]
                self._google.calendars.person_edits(event_id, summary="!")
                self.scribbled.add(event_id)
            elif len(standing) < 200 or draw < 0.3:
                self._book()
            elif draw < 0.75:
                self._move(self._random.choice(standing))
            else:
                self._cancel(standing.pop(self._random.randrange(len(standing))))
        except Refusal:
            return
        self.done += 1

    def _opening(self, draw: int) -> datetime:
        wish = Wish(day=(NOW + timedelta(days=1 + draw % 55)).date())
        found = find_openings(op_codes=["LOF-S"], wish=wish, now=NOW)
        if not found:
            raise Refusal("none")
        return found[0].start

    def _book(self) -> None:
        car = self._random.choice(self._cars)
        made = booking.book(
            customer_id=car.owner_id, vehicle_id=car.pk, op_codes=["LOF-S"],
            start=self._opening(self._random.randrange(1000)), visit_type="drop_off",
            idempotency_key=f"storm:{self.done}:{self._random.random()}", now=NOW,
        )  # fmt: skip
        self._standing.append(made.pk)

    def _move(self, pk: int) -> None:
        visit = Appointment.objects.get(pk=pk)
        booking.reschedule(
            appointment_id=pk, customer_id=visit.customer_id, version=visit.version, call_sid="",
            start=self._opening(self._random.randrange(1000)), now=NOW,
            idempotency_key=f"move:{self.done}:{self._random.random()}",
        )  # fmt: skip

    def _cancel(self, pk: int) -> None:
        visit = Appointment.objects.get(pk=pk)
        booking.cancel(
            appointment_id=pk, customer_id=visit.customer_id, reason="", call_sid="", now=NOW,
            idempotency_key=f"cancel:{self.done}:{self._random.random()}",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Where:
    """What a delivering worker must know: the scratch database and the simulated Google."""

    database: str
    refresh_token: str
    api_url: str
    token_url: str

    def connect(self) -> None:
        """Point this process at both."""
        connection.settings_dict["NAME"] = self.database
        settings.CALENDAR_PROVIDER, settings.GOOGLE_CALENDAR_ID = "google", "primary"
        settings.GOOGLE_REFRESH_TOKEN = self.refresh_token
        settings.GOOGLE_API_ENDPOINT, settings.GOOGLE_TOKEN_URI = self.api_url, self.token_url
        for loud in ("scheduling", "googleapiclient", "google_auth_httplib2"):
            logging.getLogger(loud).setLevel(logging.ERROR)  # each fault is planted and counted


def work(where: Where, stop: Stop, minutes: "Synchronized[int]") -> None:
    """One delivering worker; its clock runs so that back-off is no wait."""
    where.connect()
    parent = os.getppid()
    while not stop.is_set() and os.getppid() == parent:
        with minutes.get_lock():
            minutes.value += 1
        found = calendar_sync.deliver_due(now=NOW + timedelta(minutes=minutes.value), limit=20)
        if not found.done + found.failed:
            time.sleep(IDLE_S)
    disconnect()
    connections.close_all()


class Crew:
    """The delivering workers, one process each; now and then one is killed at its work."""

    def __init__(self, where: Where) -> None:
        self._spawn = multiprocessing.get_context("spawn")
        self._stop, self.minutes = self._spawn.Event(), self._spawn.Value("q", 0)
        self._where, self.killed = where, 0
        self._workers = [self._start() for _ in range(WORKERS)]

    def _start(self) -> SpawnProcess:
        worker = self._spawn.Process(
            target=work, args=(self._where, self._stop, self.minutes), daemon=True
        )
        worker.start()
        return worker

    def kill_one(self) -> None:
        """One dies in the middle of whatever it is doing; another takes its place."""
        dead = self._workers.pop(0)
        dead.terminate()
        dead.join(10)
        self.killed += 1
        self._workers.append(self._start())

    def rest(self) -> None:
        """Let every worker finish what it holds and go."""
        self._stop.set()
        for worker in self._workers:
            worker.join(60)


def run(operations: int) -> list[Figure]:
    """The storm, the settling, the comparison."""
    faults = Faults(errors=0.3, lost_answers=0.1, dead_tokens=0.02, expired_syncs=0.2)
    with GoogleSimulator(faults=faults) as google:
        name = str(connection.settings_dict["NAME"])
        where = Where(name, google.refresh_token, google.api_url, google.token_url)
        where.connect()
        storm, crew = Storm(fleet(600), google), Crew(where)
        began = time.perf_counter()
        try:
            blow(storm, crew, operations)
        finally:
            crew.rest()
        settle(faults)
        seconds = time.perf_counter() - began
        return [*figures(storm, google, seconds), Figure("workers killed", crew.killed, "", None)]


def blow(storm: Storm, crew: Crew, operations: int) -> None:
    """Every operation; a pull every 200, a worker killed every 2,000."""
    seen = 0
    while storm.done < operations:
        storm.step()
        if storm.done == seen:
            continue
        seen = storm.done
        if seen % PULL_EVERY == 0:
            _pull(crew.minutes.value)
        if seen % min(KILL_EVERY, operations) == 0:
            crew.kill_one()


def _pull(minutes: int) -> None:
    try:
        calendar_pull.pull_changes(now=NOW + timedelta(minutes=minutes))
    except CalendarError:
        return


def settle(faults: Faults) -> None:
    """The dust settles: no more faults, every owed write delivered, scribbles put right."""
    faults.errors = faults.lost_answers = faults.dead_tokens = faults.expired_syncs = 0.0
    ids = list(CalendarOutbox.objects.filter(dead=True, done_at=None).values_list("pk", flat=True))
    calendar_sync.retry_dead(ids, NOW)
    for hours in range(200):
        calendar_sync.deliver_due(now=NOW + timedelta(days=400, hours=hours), limit=500)


def figures(storm: Storm, google: GoogleSimulator, seconds: float) -> list[Figure]:
    """What is lost, doubled or different. A scribble on an event nothing happened to since is
    no loss: it stands as a review item until staff decide. Every scribble on a visit that
    stands must be such an item, and nothing else may be."""
    found = compare(connected_calendar(), now=NOW, until=UNTIL)
    lost = sum(one.kind == "missing" for one in found.differences)
    asked = set(CalendarReview.objects.values_list("event_id", flat=True))
    _pull(10**6)
    asked |= set(CalendarReview.objects.values_list("event_id", flat=True))
    unexplained = [one for one in found.differences if one.event_id not in asked]
    standing = _standing().count()
    doubled = len(google.calendars.live()) - standing
    owed = CalendarOutbox.objects.filter(done_at=None).count()
    stands = {one.hex for one in _standing().values_list("uid", flat=True)}
    return [
        Figure("operations", storm.done, "", None),
        Figure("requests to the calendar", len(google.requests), "", None),
        Figure("visits standing", standing, "", None),
        Figure("events lost", lost, "", 0),
        Figure("events doubled or left over", doubled, "", 0),
        Figure("differences nobody was asked about", len(unexplained), "", 0),
        Figure("writes still owed", owed, "", 0),
        Figure("scribbled events", len(storm.scribbled), "", None),
        Figure(
            "scribbles on standing visits that staff never heard of",
            len((storm.scribbled & stands) - asked),
            "",
            0,
        ),
        Figure("questions about events nobody touched", len(asked - storm.scribbled), "", 0),
        Figure("time", seconds, "s", None),
    ]


def _standing() -> QuerySet[Appointment]:
    return Appointment.objects.exclude(status="cancelled")


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="500 operations")
    chosen = parser.parse_args()
    with scratch.shop("calendar"):
        rows = run(500 if chosen.quick else 10_000)
        disconnect()
    return 0 if table("The calendar converges", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
