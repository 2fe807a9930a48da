"""The play-out buffer keeps Twilio's rules about audio, marks and clear."""

from simulators.twilio.playout import LIMIT_BYTES, PlayoutBuffer


def test_audio_comes_out_in_order_160_bytes_at_a_time():
    line = PlayoutBuffer()
    line.push_audio(b"a" * 200)
    line.push_audio(b"b" * 100)
    assert line.tick() == (b"a" * 160, [])
    assert line.tick() == (b"a" * 40 + b"b" * 100, [])
    assert line.empty


def test_a_mark_comes_back_when_everything_before_it_was_played():
    line = PlayoutBuffer()
    line.push_audio(b"a" * 320)
    assert line.push_mark("one") == []
    assert line.tick()[1] == []
    assert line.tick()[1] == ["one"]


def test_a_mark_on_an_empty_line_comes_back_at_once():
    assert PlayoutBuffer().push_mark("one") == ["one"]


def test_a_clear_drops_the_audio_and_returns_every_waiting_mark_in_order():
    line = PlayoutBuffer()
    line.push_audio(b"a" * 320)
    line.push_mark("one")
    line.push_audio(b"b" * 320)
    line.push_mark("two")
    assert line.clear() == ["one", "two"]
    assert line.tick() == (b"", [])
    assert line.waiting_bytes == 0


def test_more_than_ten_minutes_are_thrown_away():
    line = PlayoutBuffer()
    line.push_audio(b"a" * LIMIT_BYTES)
    line.push_audio(b"b")
    assert line.overflowed
    assert line.waiting_bytes == LIMIT_BYTES
