"""`python -m simulators` starts everything and says how to reach it."""

from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import aiohttp

from simulators.__main__ import start_all


async def test_every_service_answers_at_the_address_that_is_told() -> None:
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        running = await start_all(
            stack, from_port=0, app_url="http://127.0.0.1:9", real_words=False
        )
        values = running.environment.values()
        addresses = {urlsplit(value).netloc for value in values if value.startswith("http")}
        for address in addresses:
            async with session.get(f"http://{address}/") as answer:
                assert answer.status in {400, 401, 403, 404, 405, 426}
    assert len(addresses) == 5
