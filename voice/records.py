"""What a live call writes down: every turn as it ends, and the whole at its end.

Rules: synchronous, for a thread; one thread hop a turn. The turn goes to PostgreSQL
and the session to Redis in the same breath. A write that fails is tried once more and
then logged: a caller isn't cut off because a disk is slow.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import redis
from django.db import Error as DatabaseError
from django_redis import get_redis_connection

from calls import log as call_log
from voice import store
from voice.core.history import AgentTurn, CallerTurn, Item
from voice.metrics import BARGE_INS, STAGE_MS, TOKENS, TURNS
from voice.providers.base import Usage

log = logging.getLogger(__name__)

# Microdollars a token: gpt-4o's list price of 2.50, 1.25 (cached) and 10.00 dollars a million.
_PROMPT, _CACHED, _COMPLETION = 2.5, 1.25, 10.0


@dataclass(frozen=True, slots=True)
class Numbered:
    """A turn and its place in the call's transcript."""

    n: int
    item: CallerTurn | AgentTurn


def write_turn(call_id: int, turn: Numbered) -> None:
    """One turn into the transcript."""
    item = turn.item
    agent = isinstance(item, AgentTurn)
    call_log.record_utterance(
        call_id=call_id,
        n=turn.n,
        role="agent" if agent else "caller",
        text=item.text,
        heard_text=item.heard if isinstance(item, AgentTurn) else item.text,
        interrupted=isinstance(item, AgentTurn) and item.interrupted,
        t0_ms=item.started_ms,
        t1_ms=item.ended_ms,
        stages=item.stages_ms if isinstance(item, AgentTurn) else {},
    )


def observe_turn(item: Item) -> None:
    """Count a turn for Prometheus."""
    if isinstance(item, CallerTurn):
        TURNS.labels("caller").inc()
    elif isinstance(item, AgentTurn):
        TURNS.labels("agent").inc()
        if item.interrupted:
            BARGE_INS.inc()
        for stage, ms in item.stages_ms.items():
            STAGE_MS.labels(stage).observe(ms)


def save_session(call_sid: str, packed: bytes) -> None:
    """The live call, for other processes to see. Redis being down costs only that."""
    try:
        get_redis_connection("default").set(store.key(call_sid), packed, ex=store.LIFE_S)
    except (redis.RedisError, OSError):
        log.warning("session_not_saved", extra={"code": "redis_down"})


def twice(write: Callable[[], None]) -> None:
    """Try a write, try it again, then log that it is lost."""
    for attempt in (1, 2):
        try:
            write()
        except DatabaseError as problem:
            log.warning("record_failed", extra={"attempt": attempt, "code": type(problem).__name__})
        else:
            return


def finish(
    *,
    call_id: int,
    end_reason: str,
    outcome: str,
    history: tuple[Item, ...],
    usage: Usage,
    facts: dict[str, object],
    now: datetime,
) -> None:
    """The end of a call: how, what came of it, what it cost, how fast it answered."""
    TOKENS.labels("prompt").inc(usage.prompt_tokens)
    TOKENS.labels("cached").inc(usage.cached_tokens)
    TOKENS.labels("completion").inc(usage.completion_tokens)
    call_log.finish_call(
        call_id=call_id,
        end_reason=end_reason,
        outcome=outcome,
        now=now,
        prompt_tokens=usage.prompt_tokens,
        cached_tokens=usage.cached_tokens,
        completion_tokens=usage.completion_tokens,
        cost_microusd=cost_microusd(usage),
        latency=latency(history),
        **facts,
    )


def cost_microusd(usage: Usage) -> int:
    """What the model's tokens cost, in millionths of a dollar."""
    fresh = usage.prompt_tokens - usage.cached_tokens
    spent = fresh * _PROMPT + usage.cached_tokens * _CACHED + usage.completion_tokens * _COMPLETION
    return round(spent)


def latency(history: tuple[Item, ...]) -> dict[str, int]:
    """Median and 95th percentile of every stage of the call's answers, in ms."""
    stages: dict[str, list[int]] = {}
    for item in history:
        if isinstance(item, AgentTurn):
            for stage, ms in item.stages_ms.items():
                stages.setdefault(stage, []).append(ms)
    figures: dict[str, int] = {}
    for stage, values in stages.items():
        values.sort()
        figures[f"{stage}_p50"] = values[len(values) // 2]
        figures[f"{stage}_p95"] = values[min(len(values) - 1, int(len(values) * 0.95))]
    return figures
