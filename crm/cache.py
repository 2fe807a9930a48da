"""What we know about a caller's number, cached under `customer:{phone}` for five minutes.

Rules:
* One Redis hash per number; each reader owns a field of it (its `part`) and stores the
  JSON bytes that PostgreSQL made, untouched. The whole hash lives 300 s from its first
  fill and is dropped by every write that matters (`forget`).
* A fill can't bring back what a write has just dropped. Each number has a generation
  (`customer-generation:{phone}`): a reader takes it after its miss and before it asks the
  database, and the fill happens only if it is still the same; `forget` raises it after
  the commit. Check and fill are one Lua script, so nothing fits in between.
* The cache may be gone at any moment: every Redis error counts as a miss, a failed
  `forget` is repeated before this process reads that number again, and the database
  answers meanwhile.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import lru_cache
from typing import Final, cast
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from django.db import transaction
from prometheus_client import Counter

TTL_S: Final = 300
GENERATION_TTL_S: Final = 86_400
"""Longer than any load can last: a generation that expires early would let a stale fill in."""
TIMEOUT_S: Final = 0.5
"""A cache slower than this is worse than none."""

READS = Counter(
    "customer_cache_reads_total", "Reads of customer:{phone} by what came of them", ["result"]
)
WARMED = Counter(
    "customer_cache_warmed_total", "Fills ahead of a call, by what was found there", ["result"]
)
REFUSED_FILLS = Counter(
    "customer_cache_refused_fills_total", "Fills that a write had made stale in the meantime"
)

_FILL = """
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 1
"""
_FORGET = """
for i = 1, #KEYS, 2 do
    redis.call('INCR', KEYS[i + 1])
    redis.call('EXPIRE', KEYS[i + 1], ARGV[1])
    redis.call('DEL', KEYS[i])
end
return 1
"""

log = logging.getLogger(__name__)


def key(phone: str) -> str:
    """The key that the outside knows."""
    return f"customer:{phone}"


def generation_key(phone: str) -> str:
    """Counts the writes that mattered to this number."""
    return f"customer-generation:{phone}"


def read_through(phone: str, load: Callable[[], bytes], *, part: str = "customers") -> bytes:
    """The cached JSON bytes of `part`, or those that `load()` brings, kept for next time."""
    return _read(phone, load, part, READS)


def warm(phone: str, load: Callable[[], bytes], *, part: str = "customers") -> None:
    """Fill ahead of the first read, while nobody waits: counted apart from reads."""
    _read(phone, load, part, WARMED)


def _read(phone: str, load: Callable[[], bytes], part: str, counter: Counter) -> bytes:
    try:
        _forget_what_is_left()
        found = cast("bytes | None", _client().hget(key(phone), part))
        if found is not None:
            counter.labels("hit").inc()
            return found
        generation = cast("bytes | None", _client().get(generation_key(phone)))
    except redis.RedisError:
        counter.labels("error").inc()
        return load()
    counter.labels("miss").inc()
    fresh = load()
    try:
        _note_fill(_client().eval(*_fill_arguments(phone, part, generation, fresh)))
    except redis.RedisError:
        log.warning("customer_cache_fill_failed")
    return fresh


async def aread_through(
    phone: str, load: Callable[[], Awaitable[bytes]], *, part: str = "customers"
) -> bytes:
    """`read_through` for a live call: a hit is one Redis command, nothing blocks the loop."""
    try:
        client = await _async_client()
        if _left:
            await asyncio.to_thread(_forget_what_is_left)
        found = await cast("Awaitable[bytes | None]", client.hget(key(phone), part))
        if found is not None:
            READS.labels("hit").inc()
            return found
        generation = await cast("Awaitable[bytes | None]", client.get(generation_key(phone)))
    except redis.RedisError:
        READS.labels("error").inc()
        return await load()
    READS.labels("miss").inc()
    fresh = await load()
    try:
        filled = client.eval(*_fill_arguments(phone, part, generation, fresh))
        _note_fill(await cast("Awaitable[object]", filled))
    except redis.RedisError:
        log.warning("customer_cache_fill_failed")
    return fresh


def forget(*phones: str) -> None:
    """Drop these numbers once the current transaction has committed (at once outside of one)."""
    wanted = tuple(dict.fromkeys(phone for phone in phones if phone))
    if wanted:
        transaction.on_commit(lambda: forget_now(*wanted))


def forget_now(*phones: str) -> None:
    """Drop these numbers now. Never raises: what can't be dropped is tried again later."""
    try:
        _drop(phones)
    except redis.RedisError:
        with _left_lock:
            _left.update(phones)
        log.warning("customer_cache_forget_failed", extra={"count": len(phones)})


def forget_everything() -> None:
    """Drop every number: for those who load or wipe data in bulk. Never raises."""
    try:
        found: list[str] = []
        for name in _client().scan_iter(match=key("*"), count=1000):
            found.append(name.decode().removeprefix("customer:"))
            if len(found) == 500:
                forget_now(*found)
                found = []
        if found:
            forget_now(*found)
    except redis.RedisError:
        log.warning("customer_cache_forget_failed")


def hit_rate() -> float:
    """Hits among the reads that this process has made, 0.0 to 1.0."""
    hits, misses, errors = (_count(result) for result in ("hit", "miss", "error"))
    return hits / ((hits + misses + errors) or 1)


def _count(result: str) -> float:
    (family,) = READS.collect()
    return sum(
        sample.value
        for sample in family.samples
        if sample.name.endswith("_total") and sample.labels["result"] == result
    )


# ---- what couldn't be dropped -------------------------------------------------
_left: set[str] = set()
_left_lock = threading.Lock()


def _forget_what_is_left() -> None:
    if not _left:
        return
    with _left_lock:
        phones = tuple(_left)
        _drop(phones)
        _left.difference_update(phones)


def _drop(phones: tuple[str, ...]) -> None:
    keys = [name for phone in phones for name in (key(phone), generation_key(phone))]
    _client().eval(_FORGET, len(keys), *keys, str(GENERATION_TTL_S))


def _fill_arguments(
    phone: str, part: str, generation: bytes | None, fresh: bytes
) -> tuple[str, int, str, str, bytes, str, bytes, str]:
    return _FILL, 2, key(phone), generation_key(phone), generation or b"", part, fresh, str(TTL_S)


def _note_fill(kept: object) -> None:
    if not kept:
        REFUSED_FILLS.inc()


# ---- connections ----------------------------------------------------------------
def _client() -> redis.Redis:
    return _client_for(settings.REDIS_URL)


@lru_cache(maxsize=4)
def _client_for(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, max_connections=64
    )


_Clients = WeakKeyDictionary[
    asyncio.AbstractEventLoop,
    tuple[AsyncGenerator[redis.asyncio.Redis, None], redis.asyncio.Redis],
]
_async_clients: _Clients = WeakKeyDictionary()


async def _async_client() -> redis.asyncio.Redis:
    """The client of the running loop: connections of one loop are no good in another."""
    loop = asyncio.get_running_loop()
    known = _async_clients.get(loop)
    if known is None:
        # The generator is never finished by us: a closing loop finishes what generators
        # it has (`shutdown_asyncgens`), and thereby closes the connections.
        life = _client_for_a_loop()
        known = _async_clients[loop] = (life, await anext(life))
    return known[1]


async def _client_for_a_loop() -> AsyncGenerator[redis.asyncio.Redis, None]:
    client = redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        max_connections=64,
    )
    try:
        yield client
    finally:
        await client.aclose()
