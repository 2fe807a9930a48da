"""Ready-made audio of what is said to few: the clause of a greeting that holds a first name.

Rules: in Redis alone and for three days, so that the next caller of that name is greeted from it
in whatever process. The key is a keyed digest of the voice and the words: nobody reads a name off
it. Without Redis nothing is found or kept, and the voice makes the clause as it makes any other.
Waits for Redis: run it in a thread.
"""

import contextlib
from collections.abc import Sequence

from django.utils.crypto import salted_hmac
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from voice import choices
from voice.clips import is_fit

LIFE_S = 3 * 24 * 60 * 60
LARGEST = 160_000
"""Bytes, 20 s: what is longer is no greeting."""


def find(clauses: Sequence[str]) -> dict[str, bytes]:
    """Audio of those of these clauses that have been made: mu-law, 8000 Hz."""
    if not clauses:
        return {}
    try:
        found = get_redis_connection("default").mget([_key(clause) for clause in clauses])
    except RedisError:
        return {}
    return {clause: audio for clause, audio in zip(clauses, found, strict=True) if audio}


def keep(clause: str, audio: bytes) -> None:
    """Keep the configured voice's audio of a clause, if a caller could hear it."""
    if 0 < len(audio) <= LARGEST and is_fit(audio):
        with contextlib.suppress(RedisError):
            get_redis_connection("default").set(_key(clause), audio, ex=LIFE_S)


def _key(clause: str) -> str:
    words = f"{choices.voice_name()}\n{clause}"
    digest = salted_hmac("voice.own_clips", words, algorithm="sha256").hexdigest()
    return f"own-clip:{digest[:32]}"
