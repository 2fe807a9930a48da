"""`python -m simulators` starts everything and says how to reach it."""

from contextlib import AsyncExitStack

import aiohttp

from simulators.__main__ import start_all


async def test_every_service_answers_at_the_address_that_is_told() -> None:
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        running = await start_all(
            stack, from_port=0, app_url="http://127.0.0.1:9", real_words=False
        )
        bases = {name: url for name, url in running.environment.items() if "URL" in name}
        for url in bases.values():
            async with session.get(url) as answer:
                assert answer.status in {200, 400, 401, 404, 405, 426}
    assert len(set(bases.values())) == len(bases) == 4
