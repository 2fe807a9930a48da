"""One statement from inside a live call's event loop, without a thread.

Rules: for reads that a caller waits for, and only for those: handing a query to a thread
costs the interpreter's lock twice, which under twenty streaming calls is most of its time.
A pool belongs to a loop, because connections of one loop are no good in another; a closing
loop closes it. Every statement is a transaction of its own; a connection that the server
has dropped is replaced and the statement asked once more.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from django.db import connections
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool

POOL_SIZE: Final = 8
TIMEOUT_S: Final = 5.0
"""How long to wait for a free connection: longer than any caller would."""

_Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]
_Pools = WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[AsyncGenerator[_Pool, None], _Pool]]
_pools: _Pools = WeakKeyDictionary()
_opening: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def fetch_text(statement: str, parameters: Sequence[object]) -> bytes:
    """The first column of the first row, a text, as UTF-8 bytes.

    Raises psycopg's errors; `OperationalError` only if a fresh connection fails too.
    """
    pool = await _pool()
    try:
        return await _ask(pool, statement, parameters)
    except OperationalError:
        await pool.check()
        return await _ask(pool, statement, parameters)


async def close() -> None:
    """Close this loop's pool. To be awaited where a loop ends soon after a statement: psycopg's
    pool can miss being cancelled while it connects, and then the loop waits for it."""
    known = _pools.pop(asyncio.get_running_loop(), None)
    if known is not None:
        await known[0].aclose()


async def _ask(pool: _Pool, statement: str, parameters: Sequence[object]) -> bytes:
    async with pool.connection() as connection:
        # The statements are constants of their modules; values are bound.
        cursor = await connection.execute(cast("Any", statement), parameters)
        row = await cursor.fetchone()
    return str(row[0]).encode() if row else b""


async def _pool() -> _Pool:
    loop = asyncio.get_running_loop()
    known = _pools.get(loop)
    if known is None:
        async with _opening.setdefault(loop, asyncio.Lock()):
            known = _pools.get(loop)
            if known is None:
                # Never finished by us: a closing loop finishes what generators it has
                # (`shutdown_asyncgens`), and thereby closes the pool.
                life = _open()
                known = _pools[loop] = (life, await anext(life))
    return known[1]


async def _open() -> AsyncGenerator[_Pool, None]:
    pool: _Pool = AsyncConnectionPool(
        kwargs=_connection_parameters(),
        min_size=1,
        max_size=POOL_SIZE,
        timeout=TIMEOUT_S,
        max_idle=300,
        open=False,
        name="live-calls",
    )
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()


def _connection_parameters() -> dict[str, Any]:
    """Django's own parameters, without what is for its synchronous connections."""
    found: dict[str, Any] = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "pool"):
        found.pop(name, None)
    return found | {"autocommit": True}
