"""Wait for something that a test cannot be told about."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Return once `condition()` is true; raise TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  any object can be watched, also one without events
            await asyncio.sleep(0.005)
