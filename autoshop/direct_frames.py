"""uvicorn's WebSocket protocol, which may be listened and spoken to without a queue.

Rules: uvicorn hands a message over through a queue: it stops reading the socket, wakes the
application's task and starts reading again, which for a media stream is fifty times a second
and call, and half of what a silent call costs. An application that never waits for anything
may listen instead: it is called with each text as it is read. A text in one frame, as nearly
all of a telephone's are, is taken out of its frame here; everything else goes through the
library's parser, whole frame by whole frame, and so does all that follows a frame which
a telephone does not send (unmasked, or longer than 65,535 bytes). What it says goes out in the same
turn of the event loop, unless the line is full or about to close.
Source: RFC 6455, section 5.2.
"""

from collections.abc import Callable

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode, apply_mask  # type: ignore[attr-defined]  # C where there is any
from websockets.http11 import Request
from websockets.protocol import State

from voice.media import DIRECT

Listener = Callable[[bytes], None]

_WHOLE_TEXT = 0x81
"""The first byte of a text that is one frame, no extension at work."""
_SHORT, _SHORT_HEADER, _HEADER = 126, 6, 8
"""A masked frame of fewer than 126 bytes has a header of 6 bytes, up to 65,535 one of 8."""
NOT_WHOLE, FOREIGN = 0, -1


def frame_end(data: bytes) -> int:
    """Where the frame at the start of these bytes ends; NOT_WHOLE, or FOREIGN for the parser."""
    if len(data) < _SHORT_HEADER:
        return NOT_WHOLE
    length = data[1] - 0x80
    if not 0 <= length <= _SHORT:
        return FOREIGN
    end = _SHORT_HEADER + length
    if length == _SHORT:
        end = _HEADER + int.from_bytes(data[2:4])
    return end if end <= len(data) else NOT_WHOLE


class DirectFrames(WebSocketsSansIOProtocol):
    """One socket. Its scope's extension `DIRECT` is the socket itself: see `voice.media.Direct`."""

    _listener: Listener | None = None
    _splits = False
    _rest = b""

    def handle_connect(self, event: Request) -> None:
        """Offer to be listened to; the application's task has not begun yet."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][DIRECT] = self  # type: ignore[assignment]

    def say(self, text: str) -> bool:
        """Send a text at once. False where it has to go the long way, by ASGI."""
        is_open = self.handshake_complete and self.conn.state is State.OPEN
        if not is_open or self.close_sent or not self.writable.is_set():
            return False
        self.transport.write(Frame(Opcode.TEXT, text.encode()).serialize(mask=False))
        return True

    def listen(self, listener: Listener) -> None:
        """Call `listener` with each text. To be asked before the socket is accepted."""
        self._listener = listener
        self._splits = self.conn.state is State.CONNECTING and not self.conn.reader.buffer

    def data_received(self, data: bytes) -> None:
        """Bytes of the peer's."""
        data = self._rest + data if self._rest else data
        while self._splits and (end := frame_end(data)):
            if end == FOREIGN:
                self._splits = False
                break
            self._take_frame(data[:end])
            data = data[end:]
        self._rest = data if self._splits else b""
        if data and not self._splits:
            super().data_received(data)

    def _take_frame(self, frame: bytes) -> None:
        conn = self.conn
        if frame[0] == _WHOLE_TEXT and conn.current_size is None and conn.state is State.OPEN:
            at = _HEADER if frame[1] - 0x80 == _SHORT else _SHORT_HEADER
            self._pass_on(apply_mask(frame[at:], frame[at - 4 : at]))
        else:
            super().data_received(frame)

    def send_receive_event_to_app(self) -> None:
        """A message that the parser has put together."""
        if self._listener is None or self.curr_msg_data_type != "text":
            super().send_receive_event_to_app()
            return
        whole, self.frames = b"".join(self.frames), []
        self._pass_on(whole)

    def _pass_on(self, text: bytes) -> None:
        if self._listener is not None and not self.close_sent:
            self._listener(text)
