"""Twilio Media Streams: JSON text frames in, messages out; and the frames we send.

Rules: any text is either a message or a `MediaProtocolError`, never another
exception. An event we do not know is a message too (`Unknown`), because Twilio may
add some; so are fields we do not know or do not need, such as `sequenceNumber`, `chunk` and
`timestamp`: frames come in order, and audio is its own clock. Audio is mu-law, 8000 Hz, mono, without a header: nearly
always 160 bytes (20 ms), which no document promises. This is the hottest path of
the server, 50 frames a second and call: one JSON parse, one base64 decode.
Source: Twilio, "Media Streams - WebSocket Messages".
"""

from base64 import b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, cast

import orjson

DIRECT = "direct_frames"
"""The ASGI extension that is a `Direct`; only our own server offers it."""
MAX_AUDIO_BYTES = 64_000
"""8 s in one frame: more than any phone sends at once."""
_KEYS = frozenset("0123456789*#ABCD")

Fields = dict[str, object]


class Direct(Protocol):
    """A socket that is listened and spoken to without a queue between."""

    def listen(self, listener: Callable[[bytes], None]) -> None:
        """Call `listener` with each text as it is read. To be asked before the socket is accepted."""

    def say(self, text: str) -> bool:
        """Send a text at once. False where it has to go the long way, by ASGI."""


class MediaProtocolError(Exception):
    """The peer sent what is not the protocol. `code` says how; never holds the frame itself."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket is open; the first frame."""


@dataclass(frozen=True, slots=True)
class Start:
    """The stream begins. `parameters` are the `<Parameter>`s of the TwiML."""

    stream_sid: str
    call_sid: str
    account_sid: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Media:
    """The caller's audio. Not frozen: that takes thrice as long to make, 50 times a second and call."""

    audio: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of ours came back: played up to here, or dropped by a clear."""

    name: str


@dataclass(frozen=True, slots=True)
class Dtmf:
    """A key of the caller's phone."""

    digit: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stream is over."""

    call_sid: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event this program does not know; to be counted and left alone."""

    event: str


Message = Connected | Start | Media | Mark | Dtmf | Stop | Unknown


# ---- what Twilio sends -------------------------------------------------------------


def parse(text: str | bytes) -> Message:
    """One frame as a message. Raises MediaProtocolError."""
    try:
        frame = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeError):
        raise MediaProtocolError("not_json") from None
    if type(frame) is not dict:
        raise MediaProtocolError("not_an_object")
    event = frame.get("event")
    if event == "media":
        return _media(_fields(frame, "media"))
    if type(event) is not str:
        raise MediaProtocolError("no_event")
    reader = _READERS.get(event)
    return Unknown(event[:40]) if reader is None else reader(frame)


def _media(media: Fields) -> Media:
    payload = media.get("payload")
    if type(payload) is not str or not payload:
        raise MediaProtocolError("no_payload")
    if len(payload) > MAX_AUDIO_BYTES * 4 // 3 + 4:
        raise MediaProtocolError("too_much_audio")
    try:
        return Media(a2b_base64(payload, strict_mode=True))
    except (Base64Error, ValueError):
        raise MediaProtocolError("bad_base64") from None


def _connected(frame: Fields) -> Connected:
    return Connected()


def _start(frame: Fields) -> Start:
    start = _fields(frame, "start")
    media_format = start.get("mediaFormat")
    if media_format is not None:
        _check_format(media_format)
    return Start(
        stream_sid=_sid(start.get("streamSid") or frame.get("streamSid"), "bad_stream_sid"),
        call_sid=_sid(start.get("callSid"), "bad_call_sid"),
        account_sid=_text(start.get("accountSid", " "), "bad_account_sid").strip(),
        parameters=_parameters(start.get("customParameters")),
    )


def _mark(frame: Fields) -> Mark:
    return Mark(_text(_fields(frame, "mark").get("name"), "no_mark_name"))


def _dtmf(frame: Fields) -> Dtmf:
    digit = _fields(frame, "dtmf").get("digit")
    if type(digit) is not str or digit not in _KEYS:
        raise MediaProtocolError("bad_digit")
    return Dtmf(digit)


def _stop(frame: Fields) -> Stop:
    stop = frame.get("stop")
    sid = stop.get("callSid") if isinstance(stop, dict) else None
    return Stop(sid if isinstance(sid, str) else "")


_READERS: dict[str, Callable[[Fields], Message]] = {
    "connected": _connected,
    "start": _start,
    "mark": _mark,
    "dtmf": _dtmf,
    "stop": _stop,
}


def _fields(frame: Fields, name: str) -> Fields:
    part = frame.get(name)
    if type(part) is not dict:
        raise MediaProtocolError(f"no_{name}")
    return cast(Fields, part)


def _text(value: object, code: str) -> str:
    if type(value) is not str or not value:
        raise MediaProtocolError(code)
    return value


def _sid(value: object, code: str) -> str:
    """An id that is safe to write into a frame, a key or a log as it is."""
    sid = _text(value, code)
    if not (len(sid) <= 64 and sid.isascii() and sid.replace("-", "").replace("_", "").isalnum()):
        raise MediaProtocolError(code)
    return sid


def _check_format(media_format: object) -> None:
    """We speak mu-law at 8000 Hz, and so does every phone call of Twilio's."""
    if type(media_format) is not dict:
        raise MediaProtocolError("bad_format")
    encoding, rate = media_format.get("encoding"), media_format.get("sampleRate")
    if encoding != "audio/x-mulaw" or str(rate) != "8000":
        raise MediaProtocolError("foreign_format")


def _parameters(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if type(value) is not dict or not all(type(each) is str for each in value.values()):
        raise MediaProtocolError("bad_parameters")
    return cast(dict[str, str], value)


# ---- what we send ------------------------------------------------------------------


def media(stream_sid: str, audio: bytes) -> str:
    """A frame with audio: mu-law, 8000 Hz, any length."""
    payload = b64encode(audio).decode("ascii")
    # Written out: half the time of a JSON encoder, and a sid never needs an escape.
    return f'{{"event":"media","streamSid":"{stream_sid}","media":{{"payload":"{payload}"}}}}'


def mark(stream_sid: str, name: str) -> str:
    """A frame that asks for `name` back once everything before it has been played."""
    frame = {"event": "mark", "streamSid": stream_sid, "mark": {"name": name}}
    return orjson.dumps(frame).decode()


def clear(stream_sid: str) -> str:
    """A frame that drops everything not yet played; all pending marks come back at once."""
    return orjson.dumps({"event": "clear", "streamSid": stream_sid}).decode()
