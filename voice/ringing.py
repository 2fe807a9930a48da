"""Calls that ring: ear, voice and model are connected before the media stream comes.

Rules: a call is prepared in the process that got its webhook and is given out once, to its stream.
Where the stream comes to another process, or never, all is closed again after `DEADLINE_S`, before
a recogniser that hears nothing hangs up by itself; a process that ends closes what it holds. A call
without prepared parts is an ordinary call. The clauses of the greeting that are this caller's own
are made meanwhile, and kept as clips where it was the configured voice that made them.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine

import structlog
from django.utils import timezone

from calls import ringing as calls_ringing
from calls.models import Call
from voice import choices, own_clips
from voice.choices import Providers
from voice.dialogue.spoken_text import speakable
from voice.introduction import introduce, own_clauses
from voice.metrics import PREPARED
from voice.providers.begun import BegunSpeechToText, BegunTextToSpeech
from voice.ready import at_leisure, in_thread
from voice.tools.shop import load_knowledge

log = logging.getLogger(__name__)

DEADLINE_S = 8.0
MOST = 64
"""Calls that may be prepared at once; more than that are connected when their streams come."""


class Prepared:
    """One call's parts; what they do before it, they do by themselves."""

    def __init__(self) -> None:
        self._own = choices.make_voice()
        self.ear = BegunSpeechToText(choices.make_ear())
        self.voice = BegunTextToSpeech(self._own)
        self.providers = Providers(self.ear, self.voice, choices.make_model())
        self.taken = asyncio.Event()

    @property
    def is_fit(self) -> bool:
        """Whether nothing has failed; a call does better with new parts otherwise."""
        return not (self.ear.has_failed or self.voice.has_failed)

    async def say_ahead(self, call: Call) -> None:
        """Have the clauses made that only this caller hears, until the call speaks for itself."""
        for clause in await in_thread(_clauses_to_make, call):
            if self.taken.is_set():
                return
            audio = await self.voice.say_ahead(speakable(clause))
            if audio and choices.is_own(self._own):
                await at_leisure(own_clips.keep, clause, audio)


def _clauses_to_make(call: Call) -> tuple[str, ...]:
    clauses = own_clauses(introduce(call), load_knowledge(timezone.now()))
    made = own_clips.find(clauses)
    return tuple(clause for clause in clauses if clause not in made)


class Ringing:
    """The calls of one event loop between their webhook and their stream."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._waiting: dict[str, Prepared] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, call: Call) -> None:
        """A call rings, says the thread that serves its webhook."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
            self.loop.call_soon_threadsafe(self._prepare, call)

    def _prepare(self, call: Call) -> None:
        """Twilio may ask twice about a call; it is prepared once."""
        if call.sid in self._waiting:
            return
        if len(self._waiting) >= MOST:
            PREPARED.labels("crowded").inc()
            return
        structlog.contextvars.bind_contextvars(
            call_sid=call.sid
        )  # this runs in a context of its own
        prepared = self._waiting[call.sid] = Prepared()
        self._run(self._keep(call.sid, prepared))
        self._run(prepared.say_ahead(call))

    def take(self, call_sid: str) -> Providers | None:
        """A call's parts, for its stream; None where there are none."""
        prepared = self._waiting.get(call_sid)
        if prepared is None or not prepared.is_fit:
            return None
        del self._waiting[call_sid]
        prepared.taken.set()
        return prepared.providers

    async def _keep(self, call_sid: str, prepared: Prepared) -> None:
        """Until the stream takes them, or their time is up."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                await prepared.taken.wait()
            PREPARED.labels("taken").inc()
        except TimeoutError:
            PREPARED.labels("left").inc()
        finally:
            if not prepared.taken.is_set():
                del self._waiting[call_sid]
                await prepared.providers.close()

    def _run(self, work: Coroutine[object, object, None]) -> None:
        task = self.loop.create_task(_harmless(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _harmless(work: Coroutine[object, object, None]) -> None:
    """A bug in what is prepared breaks no call."""
    try:
        await work
    except Exception:
        log.exception("preparing_broke")


_here: Ringing | None = None


def listen() -> None:
    """From now on, calls that ring in this process are prepared on the running loop."""
    global _here
    _here = Ringing(asyncio.get_running_loop())
    calls_ringing.listen(_here.hear)


def take(call_sid: str) -> Providers | None:
    """The parts of a call that rang in this process, for its stream; once."""
    if _here is None or _here.loop is not asyncio.get_running_loop():
        return None
    return _here.take(call_sid)
