"""The tape: after any number of breaks, every byte is heard once by a final or heard again."""

from hypothesis import example, given
from hypothesis import strategies as st

from voice.providers.deepgram.tape import LONGEST, QUIET, Tape


def drain(tape: Tape) -> bytes:
    sent = b""
    while chunk := tape.next_chunk(1000):
        sent += chunk
    return sent


def test_what_is_covered_is_not_replayed_and_the_rest_is() -> None:
    tape = Tape()
    tape.speaking = True
    tape.record(b"a" * 8000 + b"b" * 8000)
    assert drain(tape) == b"a" * 8000 + b"b" * 8000
    tape.cover(1.0)
    tape.rewind()
    assert drain(tape) == b"b" * 8000


def test_media_time_starts_again_with_each_connection() -> None:
    tape = Tape()
    tape.speaking = True
    tape.record(b"a" * 8000 + b"b" * 8000)
    drain(tape)
    tape.cover(1.0)
    tape.rewind()
    drain(tape)
    tape.cover(0.5)
    tape.rewind()
    assert drain(tape) == b"b" * 4000


def test_silence_that_was_sent_is_not_kept_for_ever() -> None:
    tape = Tape()
    for _ in range(500):
        tape.record(b"q" * 160)
        drain(tape)
    tape.rewind()
    assert len(drain(tape)) <= QUIET + 160


def test_a_line_that_is_down_for_long_loses_the_oldest_audio() -> None:
    tape = Tape()
    tape.record(b"old" * 8000)
    tape.record(b"n" * LONGEST)
    assert tape.dropped == 24000
    assert drain(tape) == b"n" * LONGEST


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("record"), st.integers(1, 400)),
            st.tuples(st.just("send"), st.integers(1, 400)),
            st.tuples(st.just("cover"), st.floats(0, 1)),
            st.tuples(st.just("break"), st.just(0)),
        )
    )
)
# A position that is no whole number of a media time's binary fractions: cut off, it is one byte early.
@example([("record", 1), ("record", 157), ("send", 158), ("cover", 0.796875)])
def test_finals_and_replays_together_hear_everything_once(steps: list[tuple[str, float]]) -> None:
    """A peer that freezes a share of what it was sent hears every byte exactly once, in order."""
    tape, frozen, pending, count = Tape(), bytearray(), bytearray(), 0
    tape.speaking = True
    base = 0
    for step, amount in steps:
        if step == "record":
            tape.record(bytes((count + n) % 251 for n in range(int(amount) * 8)))
            count += int(amount) * 8
        elif step == "send":
            pending += tape.next_chunk(int(amount) * 8)
        elif step == "break":
            pending.clear()
            base = len(frozen)
            tape.rewind()
        else:
            share = int(len(pending) * amount)
            frozen += pending[:share]
            del pending[:share]
            tape.cover((len(frozen) - base) / 8000)
    tape.rewind()
    assert bytes(frozen) + drain(tape) == bytes(n % 251 for n in range(count))
