"""Rehearsals by voice: a task, a trial, a spoken call, a grade by the same judge as by text.

Rules: besides the judge's reasons, a private value that the call left in a table, in the
live session or in the log fails it.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from voice import tools
from voice.rehearsal import world
from voice.rehearsal.caller import Caller
from voice.rehearsal.grade import Grade, grade
from voice.rehearsal.mouth import Mouth, mouth_of, voice_of
from voice.rehearsal.privacy import log_kept, without_leaks
from voice.rehearsal.run import (
    MakeResponder,
    context_of,
    local_responder,
    number_of,
    persona_of,
    seed_of,
    sid_of,
    start_of,
)
from voice.rehearsal.tasks import Task
from voice.rehearsal.voice_call import VoiceCall
from voice.tools.shop import load_knowledge


def run_task(task: Task, trial: int = 1, *, make: MakeResponder = local_responder) -> Grade:
    """One spoken call of one task in a fresh world, graded."""
    with log_kept() as lines:
        call = call_of(task, trial, make=make)
    judged = grade(task, trial, call, number_of(task, trial), start_of(task))
    judged = without_leaks(judged, task.world, call.responder.context, lines)
    return replace(judged, voice=voice_of(seed_of(task, trial)))


def call_of(
    task: Task,
    trial: int = 1,
    *,
    make: MakeResponder = local_responder,
    mouths: Callable[[int], Mouth] = mouth_of,
) -> VoiceCall:
    """One spoken call of one task in a fresh world, up to its end."""
    seed, number, now = seed_of(task, trial), number_of(task, trial), start_of(task)
    world.clean(number)
    world.build(task.world, number, now)
    context = context_of(task, sid_of(seed, trial), number, now)

    def clock() -> datetime:
        return now + timedelta(seconds=asyncio.get_running_loop().time())

    call = VoiceCall(make(context, load_knowledge(now), clock), tools.run, now)
    persona = persona_of(task, seed)
    knows = {**_says_again(task), **persona.facts}
    wants = {**persona.wants, **listened_for(task)}
    caller = Caller(replace(persona, facts=knows, wants=wants))
    call.run(caller, mouths(seed), speaks_first=not task.outbound)
    return call


_CAR_QUESTIONS = ("car_words", "car_which", "car_year", "car_model")


def _says_again(task: Task) -> dict[str, str]:
    """Whoever rings to bring a car says once more what for, and which one, where that was missed.

    Not who rings about a visit that stands already: it need not be their own.
    """
    customers = task.world.get("customers", [])
    stands = any(car.get("visits") for each in customers for car in each.get("cars", []))
    if stands or len(task.expect.visits) != 1:
        return {}
    car = str(task.expect.visits[0].get("car", "~"))
    named = {} if car.startswith("~") else dict.fromkeys(_CAR_QUESTIONS, f"It's a {car}.")
    return {"need": task.opening, **named}


def listened_for(task: Task) -> dict[str, str]:
    """What anybody would put right in a read-back: their name and car, where it has them wrong.

    A pattern of how it should sound, and the correction; see `Persona.wants`.
    """
    if "confirm" in task.facts or len(task.expect.visits) != 1:
        return {}
    visit, wants = task.expect.visits[0], dict[str, str]()
    named = str(visit.get("name") or task.facts.get("name", "")).strip(". ")
    if task.expect.new_customers and named.count(" ") == 1:
        first, last = named.split(" ")
        wants |= _unless(rf"\bfor {first} ", r"\bfor \S+ \S+, and we", _spelled("first", first))
        wants |= _unless(rf" {last}, and we", r"\bfor \S+ \S+, and we", _spelled("last", last))
    car = str(visit.get("car", ""))
    if car and not car.startswith("~"):
        model = re.escape(car.split(" ", 2)[2])
        wants |= _unless(model, r"\bfor the \d{4} ", f"No, it's a {car}.")
    return wants


def _unless(right: str, mentioned: str, correction: str) -> dict[str, str]:
    """Correct it where it is mentioned and not right."""
    return {f"{right}|^(?!.*{mentioned})": correction}


def _spelled(part: str, name: str) -> str:
    return f"No, the {part} name is {name}, {' '.join(name.upper())}."
