"""The caller's end of a stream: what is played, in order, however the line takes it."""

import asyncio
import json
from base64 import b64decode
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from voice.consumers import StreamPhone

turns = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=20)


class Line:
    """A line that takes a message at once while it is free, else after some turns of the loop."""

    def __init__(self) -> None:
        self.is_free = True
        self.taken: list[str] = []

    def at_once(self, text: str) -> bool:
        if self.is_free:
            self.taken.append(text)
        return self.is_free

    async def slowly(self, text: str) -> None:
        for _ in range(2):
            await asyncio.sleep(0)
        self.taken.append(text)


def played(messages: list[str]) -> list[int]:
    """The audio, each a number."""
    frames = [json.loads(each) for each in messages]
    return [b64decode(each["media"]["payload"])[0] for each in frames if each["event"] == "media"]


@given(turns)
def test_messages_leave_in_order_whether_the_line_is_free_or_not(
    turns: list[tuple[bool, int]],
) -> None:
    async def run() -> None:
        line = Line()
        phone = StreamPhone("MZ1", line.slowly, line.at_once)
        delivery = asyncio.create_task(phone.deliver())
        for n, (is_free, waits) in enumerate(turns):
            line.is_free = is_free
            phone.play(bytes([n]))
            for _ in range(waits):
                await asyncio.sleep(0)
        line.is_free = False
        for _ in range(3 * len(turns) + 3):
            await asyncio.sleep(0)
        delivery.cancel()
        assert played(line.taken) == list(range(len(turns)))

    asyncio.run(run())


async def test_a_clear_drops_what_has_not_left_and_goes_out_next() -> None:
    line = Line()
    line.is_free = False
    phone = StreamPhone("MZ1", line.slowly, line.at_once)
    delivery = asyncio.create_task(phone.deliver())
    for n in range(5):
        phone.play(bytes([n]))
    await asyncio.sleep(0)
    phone.clear()
    for _ in range(20):
        await asyncio.sleep(0)
    delivery.cancel()
    events = [json.loads(each)["event"] for each in line.taken]
    assert events[-1] == "clear"
    assert all(one < other for one, other in pairwise(played(line.taken)))
    assert len(played(line.taken)) < 5


async def test_on_a_free_line_audio_leaves_before_anything_else_happens() -> None:
    line = Line()
    StreamPhone("MZ1", line.slowly, line.at_once).play(b"\x07")
    assert played(line.taken) == [7]
