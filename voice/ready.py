"""What all calls of a process share, made ready before the first of them rings.

Rules: whatever is slow once (imports, models, tables, clips of what is always said) is slow
here and never in a call. Database work runs in threads of its own, never on the event loop
and never on Channels' shared thread. What somebody waits for has many of them; what nobody waits
for has two, because each thread that is at work keeps the loop from Python for a moment.
"""

import asyncio
import contextlib
import gc
import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings
from django.utils import timezone

from voice import choices, tools
from voice import clips as clips_of
from voice.clips import ClipStore
from voice.context import open_context
from voice.core.clauses import split_clauses
from voice.core.timing import Phrases
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.local.understand import Understanding, understand
from voice.dialogue.openings import notice_outbound, opening
from voice.dialogue.spoken_text import speakable
from voice.gate import Flow
from voice.providers.base import ProviderError
from voice.tools import shop
from voice.tools.shop import load_knowledge

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

SWITCH_S = 0.0005
"""How long a thread of ours may hold Python while the loop, with everybody's audio, waits for it."""
STEPS_BACK = 10
"""By how much what nobody waits for is less urgent to the kernel than the loop (`nice`)."""
RECORD_THREADS = 2
DATABASE_THREADS = max(2, settings.DATABASE_POOL - RECORD_THREADS - 2)
_THREADS = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="call-db")


def _step_back() -> None:
    """Let the loop run first: this thread would keep a core for 3 ms, as long as a good answer takes."""
    if sys.platform != "linux":
        return  # a thread has no urgency of its own there, and its id may be another process's
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STEPS_BACK)


_RECORDS = ThreadPoolExecutor(
    RECORD_THREADS, thread_name_prefix="call-records", initializer=_step_back
)
_THOUGHTS = ThreadPoolExecutor(1, thread_name_prefix="call-thoughts", initializer=_step_back)


async def in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run database or telephony work that somebody waits for off the event loop."""
    hop = database_sync_to_async(work, thread_sensitive=False, executor=_THREADS)
    result: R = await hop(*args, **kwargs)
    return result


async def at_leisure(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run database work that nobody waits for: what is written down, what is shown."""
    hop = database_sync_to_async(work, thread_sensitive=False, executor=_RECORDS)
    result: R = await hop(*args, **kwargs)
    return result


async def understand_aside(
    text: str, knowledge: Knowledge, now: datetime, asked: str
) -> Understanding:
    """`understand` in a thread: on the loop, its 5 ms would be everybody's."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THOUGHTS, understand, text, knowledge, now, asked)


def warm() -> None:
    """Load, import and use once what calls will need. Slow: at start, never in a call.

    Raises ProviderError where a built-in model is wanted and cannot be had.
    """
    sys.setswitchinterval(SWITCH_S)
    choices.warm()
    clips()
    for flow in Flow:
        tools.specs_for(flow)
    understand(
        "An oil change for my Honda next Tuesday at ten, please.", Knowledge(), timezone.now()
    )
    shop.match_car("a Honda Civic")
    _set_aside_what_stays()


def _set_aside_what_stays() -> None:
    """Tell the garbage collector to leave alone what was loaded: it stays as long as the process.

    One look at all of it is 250,000 objects, and every caller's audio waits for it for 0.2 s.
    """
    gc.collect()
    gc.freeze()


_clips: ClipStore | None = None


def clips() -> ClipStore:
    """The clips of the configured voice."""
    global _clips
    if _clips is None:
        folder = settings.AUTOSHOP_HOME / "clips"
        _clips = ClipStore(folder, choices.voice_name(), common_sentences())
    return _clips


def common_sentences() -> tuple[str, ...]:
    """What is said in every call, in the pieces in which it is spoken."""
    phrases = Phrases()
    fillers = [line for lines in tools.FILLERS.values() for line in lines if line]
    texts = (
        phrases.still_there, phrases.hold_on, phrases.idle_goodbye, phrases.say_again,
        phrases.one_moment, phrases.trouble, phrases.cannot_hear, phrases.time_is_up, *fillers,
    )  # fmt: skip
    return tuple(clause for text in texts for clause in split_clauses(text))


async def make_clips() -> None:
    """Have the configured voice say what every call says, once: the greeting among it.

    Begun with a process's first connection, which is somebody's look at its health.
    """
    facts = await in_thread(load_knowledge, timezone.now())
    stranger = open_context(call_sid="", call_id=0, direction="inbound", purpose="inbound")
    clips().want(split_clauses(opening(stranger, facts).greeting))
    clips().want(split_clauses(notice_outbound(facts)))
    if not clips().missing:
        return
    voice = choices.make_own_voice()
    try:
        await voice.connect()
        made = await clips_of.make_clips(clips(), voice, speakable)
        log.info("clips_made", extra={"count": made})
    except ProviderError as failure:
        log.warning("clips_not_made", extra={"provider": failure.provider})
    finally:
        await voice.close()
