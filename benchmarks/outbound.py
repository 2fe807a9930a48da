"""Nine o'clock, with everything going wrong: is every due number rung exactly once?

Real processes on a clock set to shortly before nine on a Tuesday: a web server, Celery
workers, two beats, PostgreSQL and a Valkey of its own, against the simulated Twilio,
which drops answers to accepted calls, repeats and reorders callbacks. Workers are killed
at random and the broker is restarted. 500 visits are due (60 with --quick).

    python -m benchmarks.outbound [--quick]
"""

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import time_machine

from autoshop import embedded
from benchmarks.report import Figure, table
from simulators.twilio import ACCOUNT_SID, CallbackFaults, Callee, TwilioServer

ZONE = ZoneInfo("America/New_York")
TOKEN = "secret"
PUBLIC = "https://shop.example"
WORKERS, BEATS = 4, 2
KILL_EVERY_S, KILLS = 7.0, 6
PATIENCE_S = 600.0
OUTCOMES = ("no-answer", "no-answer", "no-answer", "busy", "failed")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _shift_s() -> float:
    """From now to twenty seconds before nine on a Tuesday to come."""
    nine = datetime(2026, 11, 24, 9, 0, tzinfo=ZONE)
    while nine < datetime.now(UTC):
        nine += timedelta(days=7)
    return (nine - timedelta(seconds=20)).timestamp() - time.time()


class Fleet:
    """The product's processes, each on the shifted clock."""

    def __init__(self, shift_s: float, environment: dict[str, str], logs: Path) -> None:
        self._shift_s, self._environment, self._logs = str(shift_s), environment, logs
        self._alive: dict[str, subprocess.Popen[bytes]] = {}
        self.killed = 0

    def start(self, name: str, module: str, *arguments: str) -> None:
        """Start one under this name."""
        command = [sys.executable, "-m", "benchmarks.shifted", self._shift_s, module, *arguments]
        with (self._logs / f"{name}.log").open("ab") as log:
            self._alive[name] = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def worker(self, name: str) -> None:
        """Start a Celery worker."""
        self.start(name, "celery", "-A", "autoshop", "worker", "--pool", "solo", "-n", name)

    def kill_worker(self) -> None:
        """Kill one at random, as the kernel would, and start another in its place."""
        name = random.choice([each for each in self._alive if each.startswith("worker")])
        self._end(name, signal.SIGKILL)
        self.killed += 1
        self.worker(name)

    def stop(self) -> None:
        """End them all."""
        for name in list(self._alive):
            self._end(name, signal.SIGKILL)

    def _end(self, name: str, how: signal.Signals) -> None:
        process = self._alive.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        process.wait()


@contextlib.contextmanager
def _own_servers(folder: Path) -> Iterator[Path]:
    """A Valkey that can be restarted, and an empty database."""
    from django.db import connection

    valkey = folder / "s"
    embedded.start_valkey(folder, valkey, keep=False)
    connection.settings_dict["TEST"]["NAME"] = f"benchmark_outbound_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield valkey
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        connection.creation.destroy_test_db("", verbosity=0)
        embedded.stop_valkey(valkey)


def _database_url() -> str:
    """The database that was just made, as a URL."""
    from django.db import connection

    url = os.environ["DATABASE_URL"]
    head, _, query = url.partition("?")
    name = connection.settings_dict["NAME"]
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def _seed(count: int, now: datetime) -> None:
    """Visits for tomorrow, each of a customer who agreed to be rung."""
    from crm.models import ConsentEvent, Customer, CustomerPhone, Vehicle
    from scheduling.models import REFERENCE_ALPHABET, Appointment

    people = Customer.objects.bulk_create(
        Customer(first_name="Ana", last_name=f"Ruiz {n}", name_key=f"ruiz {n} ana", created_at=now)
        for n in range(count)
    )
    numbers = [f"+1212{2000000 + n}" for n in range(count)]
    CustomerPhone.objects.bulk_create(
        CustomerPhone(customer=person, e164=number, is_primary=True)
        for person, number in zip(people, numbers, strict=True)
    )
    ConsentEvent.objects.bulk_create(
        ConsentEvent(number=number, channel="voice_ai", granted=True, wording="yes", at=now)
        for number in numbers
    )
    cars = Vehicle.objects.bulk_create(
        Vehicle(owner=person, year=2019, make="Honda", model="CR-V") for person in people
    )
    start = (now.astimezone(ZONE) + timedelta(days=1)).replace(hour=10, minute=0)
    spell = REFERENCE_ALPHABET
    Appointment.objects.bulk_create(
        Appointment(
            ref="AAAA" + spell[n // 32 % 32] + spell[n % 32],
            customer=person, vehicle=car, start=start, end=start + timedelta(hours=1),
            created_at=now, updated_at=now,
        )
        for n, (person, car) in enumerate(zip(people, cars, strict=True))
    )  # fmt: skip


def _environment(folder: Path, twilio: TwilioServer) -> dict[str, str]:
    """What the product's processes are told: a production with live dialling opened."""
    return {
        **os.environ,
        "AUTOSHOP_ENV_FILE": "",
        "ENVIRONMENT": "production",
        "BASE_URL": PUBLIC,
        "SECRET_KEY": "a key for this benchmark alone, long enough",
        "DATABASE_URL": _database_url(),
        "DATABASE_POOL": "4",
        "REDIS_URL": f"unix://{folder / 's'}",
        "SHOP_TIMEZONE": str(ZONE),
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_PHONE_NUMBER": "+12025550100",
        "TWILIO_API_BASE_URL": twilio.url,
        "OUTBOUND_LIVE_CALLS": "yes",
        "OUTBOUND_GAP_MS": "20",
        "OUTBOUND_MAX_CALLS": "1000",
        "LOG_LEVEL": "warning",
    }


@contextlib.asynccontextmanager
async def _product(
    folder: Path, shift_s: float, due: int
) -> AsyncIterator[tuple[TwilioServer, Fleet]]:
    port = _free_port()
    twilio = TwilioServer(f"http://127.0.0.1:{port}", auth_token=TOKEN, public_url=PUBLIC)
    twilio.faults.lose_reply_every, twilio.faults.lost_reply_s = 25, 8.0
    twilio.callback_faults = CallbackFaults(duplicate=True, reorder=True)
    for n in range(due):
        outcome = OUTCOMES[n % len(OUTCOMES)]
        twilio.callees[f"+1212{2000000 + n}"] = Callee(outcome, ring_s=0.2)
    async with twilio:
        fleet = Fleet(shift_s, _environment(folder, twilio), folder)
        fleet.start(
            "web", "uvicorn", "autoshop.asgi:application", "--port", str(port),
            "--lifespan", "off", "--log-level", "warning",
        )  # fmt: skip
        for n in range(WORKERS):
            fleet.worker(f"worker{n}")
        for n in range(BEATS):
            arguments = ("-A", "autoshop", "beat", "--pidfile", str(folder / f"beat{n}.pid"))
            fleet.start(f"beat{n}", "celery", *arguments)
        try:
            yield twilio, fleet
        finally:
            fleet.stop()


def _settled() -> int:
    from django.db import connection

    from calls.models import OutboundCall

    over = OutboundCall.objects.filter(attempt=1, state__in=("done", "failed", "skipped"))
    try:
        return over.count()
    finally:
        connection.close()


async def _misfortune(fleet: Fleet, folder: Path, twilio: TwilioServer) -> None:
    """Kill workers while they dial; restart the broker once."""
    while not twilio.created:  # noqa: ASYNC110  the simulator tells nobody
        await asyncio.sleep(0.2)
    for n in range(KILLS):
        await asyncio.sleep(KILL_EVERY_S * random.uniform(0.3, 1.0))
        await asyncio.to_thread(fleet.kill_worker)
        if n == KILLS // 2:
            await asyncio.to_thread(embedded.stop_valkey, folder / "s")
            await asyncio.sleep(1.0)
            await asyncio.to_thread(embedded.start_valkey, folder, folder / "s", keep=False)


@dataclass(frozen=True, slots=True)
class Morning:
    """How it went: how often each number was rung, and what went wrong meanwhile."""

    rung: Counter[str]
    took_s: float
    killed: int
    replies_lost: int


async def _run(folder: Path, shift_s: float, due: int) -> Morning:
    async with _product(folder, shift_s, due) as (twilio, fleet):
        began = time.monotonic()
        misfortune = asyncio.create_task(_misfortune(fleet, folder, twilio))
        while time.monotonic() - began < PATIENCE_S:
            await asyncio.sleep(1.0)
            if misfortune.done() and await asyncio.to_thread(_settled) >= due:
                break
        misfortune.cancel()
        await asyncio.sleep(65.0)  # one more sweep marks the flags, and may ring nobody again
        rung = Counter(call.to for call in twilio.created)
        return Morning(rung, time.monotonic() - began, fleet.killed, twilio.replies_lost)


def _figures(morning: Morning, due: int) -> list[Figure]:
    from calls.models import OutboundCall
    from scheduling.models import Appointment

    sent = set(Appointment.objects.filter(reminder_sent=True).values_list("customer_id", flat=True))
    rang = set(
        OutboundCall.objects.filter(call__rang_at__isnull=False).values_list(
            "customer_id", flat=True
        )
    )
    rung, numbers = morning.rung, [f"+1212{2000000 + n}" for n in range(due)]
    should = sum(OUTCOMES[n % len(OUTCOMES)] == "no-answer" for n in range(due))
    return [
        Figure("due numbers", due, "calls"),
        Figure("rung exactly once", sum(rung[n] == 1 for n in numbers), "calls", due, False),
        Figure("rung twice or more", sum(rung[n] > 1 for n in numbers), "calls", 0),
        Figure("never rung", sum(rung[n] == 0 for n in numbers), "calls", 0),
        Figure("strangers rung", sum(n not in set(numbers) for n in rung), "calls", 0),
        Figure("flags of phones that rang", len(sent & rang), "visits", should, False),
        Figure("flags of phones that did not", len(sent - rang), "visits", 0),
        Figure("workers killed", morning.killed, "times"),
        Figure("answers of Twilio lost", morning.replies_lost, "calls"),
        Figure("killed before Twilio was asked", _errors("never_dialled"), "calls"),
        Figure("from start to settled", morning.took_s, "s"),
    ]


def _errors(code: str) -> int:
    from calls.models import OutboundCall

    return OutboundCall.objects.filter(error=code).count()


def main() -> int:
    """Run it; 0 where every number was rung exactly once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    due = 60 if parser.parse_args().quick else 500
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
    import django

    django.setup()
    folder = Path(tempfile.mkdtemp(prefix="outbound-"))
    shift_s = _shift_s()
    try:
        with _own_servers(folder), time_machine.travel(time.time() + shift_s, tick=True):
            _seed(due, datetime.now(UTC))
            figures = _figures(asyncio.run(_run(folder, shift_s, due)), due)
        kept = table(f"Reminders at nine, {due} due, {WORKERS} workers, {BEATS} beats", figures)
    finally:
        if os.environ.get("KEEP_LOGS") != "yes":
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
