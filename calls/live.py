"""News of a call that is being talked on, between its session in one process and the others.

To it: from a webhook. Rules: news waits in a Redis list, so it may be told before the
session listens (the answering-machine verdict races the media stream) and is heard
once. It is told at most: a session that never comes leaves nothing behind after ten
minutes.

From it: the clauses the agent is about to say, for whoever watches. Rules: they are
no record (a turn is recorded when it is over, as it was heard); what the agent took
back is gone from here; the newest few are kept, and none without Redis.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import orjson
import redis
import redis.asyncio
from django.conf import settings
from django_redis import get_redis_connection

LIFE_S = 600
CLAUSES_KEPT = 24
_WAIT_S = 20
_RETRY_S = 5
_SILENT_S = 2 * _WAIT_S
"""Longer than any wait for news, or each wait would end as a broken line."""


@dataclass(frozen=True, slots=True)
class News:
    """`kind` is answered_by (value: human, machine_end_beep, fax, ...) or hang_up."""

    kind: str
    value: str


def tell(call_sid: str, kind: str, value: str = "") -> None:
    """Leave news for a call's session; without Redis it is lost."""
    try:
        pipe = get_redis_connection("default").pipeline()
        pipe.rpush(_key(call_sid), orjson.dumps([kind, value]))
        pipe.expire(_key(call_sid), LIFE_S)
        pipe.execute()
    except redis.RedisError:
        return


def show_clauses(call_sid: str, new: Sequence[tuple[int, str]], *, afresh: bool = False) -> None:
    """The agent is about to say these: (id, words). `afresh`: all that was shown before is taken back."""
    key = _clauses_key(call_sid)
    with contextlib.suppress(redis.RedisError):
        pipe = get_redis_connection("default").pipeline()
        if afresh:
            pipe.delete(key)
        if new:
            pipe.rpush(key, *map(orjson.dumps, new))
            pipe.ltrim(key, -CLAUSES_KEPT, -1)
            pipe.expire(key, LIFE_S)
        pipe.execute()


def clauses(call_sid: str) -> list[tuple[int, str]]:
    """The newest clauses of a call, oldest first: (id, words). Ids rise in the order of speaking."""
    try:
        found = get_redis_connection("default").lrange(_clauses_key(call_sid), 0, -1)
    except redis.RedisError:
        return []
    return [(number, text) for number, text in map(orjson.loads, found)]


async def news(call_sid: str) -> AsyncIterator[News]:
    """Everything told about this call, as it comes; ends only by being cancelled.

    While Redis is away there is no news.
    """
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_timeout=_SILENT_S)
    try:
        while True:
            item = await _next(client, call_sid)
            if item is not None:
                yield item
    finally:
        await client.aclose()


async def _next(client: "redis.asyncio.Redis", call_sid: str) -> News | None:
    try:
        found = await client.blpop([_key(call_sid)], timeout=_WAIT_S)
    except redis.RedisError:
        await asyncio.sleep(_RETRY_S)
        return None
    if found is None:
        return None
    kind, value = orjson.loads(found[1])
    return News(kind, value)


def _key(call_sid: str) -> str:
    return f"call-news:{call_sid}"


def _clauses_key(call_sid: str) -> str:
    return f"call-clauses:{call_sid}"
