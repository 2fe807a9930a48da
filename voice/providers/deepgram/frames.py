"""A client's binary WebSocket frame.

Rules: one frame a message, masked with four bytes that nobody can guess, as a client must.
Source: RFC 6455, sections 5.2 and 5.3.
"""

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # C where there is any

LONGEST = 65_535
"""Bytes; a longer payload has a longer header, and no audio of ours is that long."""
_WHOLE_BINARY = 0x82
_MASKED = 0x80
_SHORT, _TWO_BYTES = 126, 126


def binary_frame(payload: bytes, mask: bytes) -> bytes:
    """The frame of a payload of at most LONGEST bytes; `mask` is four random bytes."""
    size = len(payload)
    if size < _SHORT:
        head = bytes((_WHOLE_BINARY, _MASKED | size))
    else:
        head = bytes((_WHOLE_BINARY, _MASKED | _TWO_BYTES, size >> 8, size & 0xFF))
    return head + mask + apply_mask(payload, mask)
