"""The live call in Redis: `session:{call_sid}`.

Rules: written at every turn, so that another process can pick the call up and
staff can watch it; read by them alone, never by the call itself while it runs.
What is kept is redacted already (see `voice.core.history`). It expires by itself
two hours after the last turn.
"""

from dataclasses import dataclass

import orjson
from redis.asyncio import Redis

from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse

LIFE_S = 2 * 60 * 60
_KINDS: dict[str, type[CallerTurn | AgentTurn | ToolUse]] = {
    "caller": CallerTurn,
    "agent": AgentTurn,
    "tool": ToolUse,
}
_NAMES = {kind: name.encode() for name, kind in _KINDS.items()}


def key(call_sid: str) -> str:
    """The Redis key of a live call."""
    return f"session:{call_sid}"


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A call as another process finds it. `context` is JSON (see `voice.context`)."""

    history: tuple[Item, ...]
    context: bytes
    state: str
    elapsed_ms: int


def pack(live: LiveSession) -> bytes:
    """The whole session as one JSON object: history, slots and state."""
    return orjson.dumps(
        {
            "history": [_packed(item) for item in live.history],
            "context": orjson.Fragment(live.context),
            "state": live.state,
            "elapsed_ms": live.elapsed_ms,
        }
    )


def _packed(item: Item) -> orjson.Fragment:
    """An item's fields after its kind. orjson reads the object itself; a dictionary of it is ten times dearer."""
    return orjson.Fragment(b'{"kind":"%b",%b' % (_NAMES[type(item)], orjson.dumps(item)[1:]))


def unpack(raw: bytes) -> LiveSession:
    """The reverse of `pack`. Raises ValueError, KeyError or TypeError on anything else."""
    data = orjson.loads(raw)
    history = tuple(_KINDS[item.pop("kind")](**item) for item in data["history"])
    return LiveSession(history, orjson.dumps(data["context"]), data["state"], data["elapsed_ms"])


async def save(redis: Redis, call_sid: str, packed: bytes) -> None:
    """Keep the session for two more hours."""
    await redis.set(key(call_sid), packed, ex=LIFE_S)


async def load(redis: Redis, call_sid: str) -> bytes | None:
    """The session as packed, None where there is none."""
    raw = await redis.get(key(call_sid))
    return raw.encode() if isinstance(raw, str) else raw
