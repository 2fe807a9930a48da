"""News for a call that is being talked on: from a webhook in one process to its session in another.

Rules: news waits in a Redis list, so it may be told before the session listens (the
answering-machine verdict races the media stream) and is heard once. It is told at
most: a session that never comes leaves nothing behind after ten minutes.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import orjson
import redis
import redis.asyncio
from django.conf import settings
from django_redis import get_redis_connection

LIFE_S = 600
_WAIT_S = 5


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


async def news(call_sid: str) -> AsyncIterator[News]:
    """Everything told about this call, as it comes; ends only by being cancelled.

    While Redis is away there is no news.
    """
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL)
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
        await asyncio.sleep(_WAIT_S)
        return None
    if found is None:
        return None
    kind, value = orjson.loads(found[1])
    return News(kind, value)


def _key(call_sid: str) -> str:
    return f"call-news:{call_sid}"
