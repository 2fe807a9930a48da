"""Audio that goes out at once arrives as the library would have sent it."""

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from voice.providers.deepgram.frames import LONGEST, binary_frame

MASKS = st.binary(min_size=4, max_size=4)


def read(data: bytes) -> Frame:
    """The frame as a server of the library reads it; nothing is left over."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    reading = Frame.parse(reader.read_exact, mask=True)
    try:
        while True:
            next(reading)
    except StopIteration as read_whole:
        frame: Frame = read_whole.value
    assert not reader.buffer
    return frame


@given(st.binary(max_size=300), MASKS)
def test_a_payload_comes_out_of_its_frame_as_it_went_in(payload: bytes, mask: bytes) -> None:
    frame = read(binary_frame(payload, mask))
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.BINARY, True, payload)


@given(st.sampled_from([125, 126, 127, 255, 256, 8000, LONGEST - 1, LONGEST]), MASKS)
def test_every_length_of_header_is_right_at_its_edges(size: int, mask: bytes) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)
    assert bytes(read(binary_frame(payload[:size], mask)).data) == payload[:size]


@given(st.binary(min_size=16, max_size=64), MASKS.filter(lambda mask: any(mask)))
def test_no_payload_is_sent_as_it_is(payload: bytes, mask: bytes) -> None:
    assert payload not in binary_frame(payload, mask)
