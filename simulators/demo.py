"""A spoken booking with one barge-in, printed as it happens: `make demo [ARGS=--fast]`.

    python -m simulators.demo [--fast]

Rules: nothing is staged but the caller. The shipped server runs in a process of its own;
the call comes over a simulated telephone network with Twilio's signatures; the caller is
a synthetic voice (flite, where it is installed, so that it is not the agent's) whose words
the recogniser really has to understand. The caller answers by what the agent asked. What
is printed are the rows that the call wrote, with the time of every stage, and at the end
the appointment. Exit code 1 where no appointment came of it. `--fast` lets media time run
faster than the wall's.
"""

import argparse
import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import django
from asgiref.sync import sync_to_async
from rich.console import Console
from rich.markup import escape

from simulators.twilio import SimulatedCall

FAST = 2.0
# Names that a synthetic voice over a telephone can be understood by.
FIRST = frozenset(
    "Amanda Amy Andrea Andrew Angela Anna Anthony Barbara Benjamin Brandon Brian Carol Charles "
    "Christina Christopher Daniel David Deborah Donald Donna Edward Elizabeth Emily Emma Eric "
    "Jacob James Jason Jennifer Jessica John Jonathan Joseph Joshua Karen Kevin Laura Linda Lisa "
    "Margaret Maria Mark Mary Matthew Melissa Michael Michelle Nancy Nicholas Olivia Pamela "
    "Patricia Patrick Paul Rachel Rebecca Richard Robert Ronald Sandra Sarah Sharon Stephanie "
    "Susan Thomas Timothy Victoria Vincent Virginia William".split()
)
LAST = frozenset(
    "Adams Allen Anderson Baker Brown Campbell Carter Clark Davis Edwards Evans Green Hall Harris "
    "Jackson Johnson Jones King Lewis Martin Martinez Miller Mitchell Moore Nelson Parker "
    "Peterson Phillips Roberts Robinson Rodriguez Scott Smith Taylor Thomas Thompson Turner "
    "Walker White Williams Wilson Young".split()
)
PATIENCE_S = 240.0
# How long a caller who has said goodbye waits for the agent to hang up.
GOODBYE_S = 15.0
console = Console(highlight=False)
WISH = "I'd like to book an oil change, please."
GOODBYE = "No, that's all. Thank you, goodbye."
TOKEN = secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Person:
    """Who rings: a seeded customer, and what they know of themselves."""

    number: str
    name: str
    born: str
    car: str
    vin_tail: str


def choose_person() -> Person:
    """A customer with one number of their own, one car that takes oil, a known birthday, no visit ahead."""
    from django.db.models import Count
    from django.utils import timezone

    from crm.models import Customer, Vehicle
    from scheduling.models import Appointment

    busy = Appointment.objects.filter(start__gt=timezone.now()).values("customer_id")
    fitting = (
        Customer.objects.annotate(cars=Count("vehicles", distinct=True))
        .filter(cars=1, phones__is_primary=True, first_name__in=FIRST, last_name__in=LAST)
        .exclude(pk__in=busy)
        .exclude(dob_sealed="")
        .exclude(vehicles__powertrain=Vehicle.Powertrain.EV)
        .order_by("id")
    )
    for customer in fitting[:200]:
        number = customer.phones.get(is_primary=True).e164
        if customer.dob and Customer.objects.filter(phones__e164=number).count() == 1:
            car = customer.vehicles.get()
            born = f"{customer.dob:%B} {customer.dob.day}, {customer.dob.year}"
            name = f"{customer.first_name} {customer.last_name}"
            return Person(number, name, born, f"{car.make} {car.model}", car.vin_last6)
    raise SystemExit("There is nobody to ring as: run `python manage.py seed_crm` first.")


# ---- the caller ------------------------------------------------------------------------
def answers(person: Person) -> tuple[tuple[tuple[str, ...], str], ...]:
    """What the caller says to what: the first whose words all stand in the question."""
    return (
        (("how can i help",), WISH),
        (("like to book a visit",), WISH),
        (("anything else",), GOODBYE),
        (("with any questions",), GOODBYE),
        (("reference",), GOODBYE),
        (("date of birth",), f"{person.born}."),
        (("last six",), " ".join(person.vin_tail)),
        (("spell",), ", ".join(person.name.replace(" ", ""))),
        (("name",), f"My name is {person.name}."),
        (("drop", "wait"), "I'll drop it off."),
        (("what day",), "Next Wednesday in the morning."),
        (("which day",), "Next Wednesday in the morning."),
        (("when would",), "Next Wednesday in the morning."),
        (("right?",), "Yes, that's right."),
        (("correct?",), "Yes, that's right."),
        (("shall i",), "Yes, please."),
        (("i have",), "The first one, please."),
        (("which car",), f"The {person.car}."),
        (("which vehicle",), f"The {person.car}."),
        ((person.car.split()[0].lower(), "?"), "Yes."),
        (("mileage",), "About forty thousand miles."),
        (("?",), "Yes, please."),
    )


def choose_words(person: Person, asked: str) -> str:
    """The caller's answer to a question."""
    lower = asked.lower()
    return next(
        (said for words, said in answers(person) if all(word in lower for word in words)),
        "Sorry, could you say that again?",
    )


def speak(words: str) -> bytes:
    """The caller's voice, mu-law 8000 Hz. Slow: not on the event loop."""
    from voice.rehearsal import people

    if people.FLITE is not None:
        return people.say(words, voice="rms", pace=1.1)
    from voice.providers.local.mouth import synthesise

    return synthesise(words, 0.9)


# ---- what the call wrote -------------------------------------------------------------------
@dataclass
class Transcript:
    """Prints a call's rows as they appear."""

    sid: str
    turns: int = 0
    tools: int = 0
    agent_turns: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Print what is new."""
        from calls.models import ToolInvocation, Utterance

        for tool in ToolInvocation.objects.filter(call__sid=self.sid).order_by("n")[self.tools :]:
            self.tools += 1
            outcome = "ok" if tool.ok else tool.error
            console.print(f"      [yellow]tool  {tool.name}[/yellow]  {outcome}, {tool.ms} ms")
        for turn in Utterance.objects.filter(call__sid=self.sid).order_by("n")[self.turns :]:
            self.turns += 1
            self._print(turn)
            if turn.role == "agent":
                self.agent_turns.append(turn.text)

    def _print(self, turn: Any) -> None:
        colour = "cyan" if turn.role == "agent" else "green"
        at = f"{turn.t0_ms // 60000}:{turn.t0_ms // 1000 % 60:02d}"
        console.print(
            f"{at:>5} [{colour}]{turn.role:<6}[/{colour}] {escape(turn.text)}", soft_wrap=True
        )
        if turn.interrupted:
            console.print(
                f"             [red]cut short[/red], heard: {escape(turn.heard_text) or 'nothing'}"
            )
        stages = [f"{k.removesuffix('_ms').replace('_', ' ')} {v:.0f} ms" for k, v in turn.stages.items() if isinstance(v, int | float)]  # fmt: skip
        if stages:
            console.print(f"             [dim]{', '.join(stages)}[/dim]")


# ---- the conversation --------------------------------------------------------------------------
class Caller:
    """The person: talks over the greeting once, then answers what is asked."""

    def __init__(self, call: SimulatedCall, person: Person, shown: Transcript) -> None:
        self._call = call
        self._person = person
        self._shown = shown
        self._answered = 0

    async def interrupt(self, words: str) -> None:
        """Speak while the agent speaks, and print how fast it fell silent."""
        audio = await asyncio.to_thread(speak, words)
        await self._call.wait_for_heard_ms(1800)
        if self._call.over.is_set() or self._call.stream is None:
            return
        stream = self._call.line
        began = len(stream.received)
        since_ms = stream.ms
        await self._call.say_frames(audio)
        cleared = [each for each in stream.received[began:] if each.kind == "clear"]
        if cleared:
            took = cleared[0].at_ms - since_ms
            console.print(
                f"      [red]barge-in[/red]  the line was cleared {took} ms after the first sound"
            )
        self._answered = 1

    async def talk(self, patience_s: float) -> None:
        """Answer until the agent hangs up."""
        give_up = time.monotonic() + patience_s
        words = ""
        while not self._call.over.is_set() and time.monotonic() < give_up:
            await sync_to_async(self._shown.read)()
            if len(self._shown.agent_turns) > self._answered and words != GOODBYE:
                self._answered = len(self._shown.agent_turns)
                words = choose_words(self._person, self._shown.agent_turns[-1])
                await self._call.say_frames(await asyncio.to_thread(speak, words))
                if words == GOODBYE:
                    give_up = min(give_up, time.monotonic() + GOODBYE_S)
            await asyncio.sleep(0.05)
        await asyncio.sleep(1)  # the call's last rows
        await sync_to_async(self._shown.read)()


async def ring(base: str, person: Person, *, speed: float) -> str:
    """The whole call. Returns its sid."""
    async with SimulatedCall(base, from_=person.number, auth_token=TOKEN, speed=speed) as call:
        if not await call.dial():
            raise SystemExit("The call was not joined to the agent (see the lines above).")
        shown = Transcript(call.sid)
        caller = Caller(call, person, shown)
        await caller.interrupt(WISH)
        await caller.talk(PATIENCE_S / speed)
    return call.sid


# ---- the server -----------------------------------------------------------------------------------
def start_server(port: int) -> "subprocess.Popen[bytes]":
    """The shipped web server, with an auth token that only this demonstration knows."""
    environment = dict(
        os.environ,
        PORT=str(port),
        HOST="127.0.0.1",
        BASE_URL=f"http://127.0.0.1:{port}",
        TWILIO_AUTH_TOKEN=TOKEN,
        LOG_LEVEL="warning",
    )
    command = [sys.executable, "-m", "autoshop.serve"]
    server = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.1)
    server.kill()
    raise SystemExit("The web server does not start (see the lines above).")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def report(sid: str) -> bool:
    """Print what came of the call. True where it is an appointment."""
    from calls.models import Call
    from scheduling.day_sheet import shop_zone
    from scheduling.models import Appointment, CalendarOutbox

    call = Call.objects.get(sid=sid)
    made = Appointment.objects.filter(ref=call.appointment_ref).first()
    console.print(
        f"\nThe call: {call.end_reason or call.status}, outcome {call.outcome or 'none'}."
    )
    if made is None:
        console.print("No appointment came of it.", style="bold red")
        return False
    owed = CalendarOutbox.objects.filter(appointment=made).count()
    when = made.start.astimezone(shop_zone())
    console.print(
        f"Booked: {made.ref}, {when:%A %d %B %H:%M}, {made.status}, {owed} calendar write in the outbox.",
        style="bold green",
        soft_wrap=True,
    )
    return True


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make demo", description="A spoken booking, printed.")
    parser.add_argument("--fast", action="store_true", help=f"{FAST} times as fast as real time")
    fast = parser.parse_args(arguments).fast
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
    django.setup()
    person = choose_person()
    console.print(f"{person.name} rings about a {person.car}.\n")
    port = free_port()
    server = start_server(port)
    try:
        sid = asyncio.run(ring(f"http://127.0.0.1:{port}", person, speed=FAST if fast else 1.0))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    return 0 if report(sid) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
