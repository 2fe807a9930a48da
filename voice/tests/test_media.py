"""Twilio's frames: the real ones are understood, and nothing else can do harm."""

import base64
import contextlib
import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice import media

SID = "MZ" + "0" * 32
CALL = "CA" + "1" * 32
START: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": SID,
    "start": {
        "streamSid": SID,
        "accountSid": "AC" + "2" * 32,
        "callSid": CALL,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t1"},
    },
}


def frame(**fields: Any) -> str:
    return json.dumps(fields)


def media_frame(**media_fields: Any) -> str:
    fields = {"track": "inbound", "chunk": "1", "timestamp": "21", **media_fields}
    return frame(event="media", sequenceNumber="2", streamSid=SID, media=fields)


def changed_start(**start_fields: Any) -> str:
    return json.dumps({**START, "start": {**START["start"], **start_fields}})


def code_of(text: str | bytes) -> str:
    with pytest.raises(media.MediaProtocolError) as refused:
        media.parse(text)
    return refused.value.code


def test_every_frame_of_a_real_call_is_understood() -> None:
    connected = frame(event="connected", protocol="Call", version="1.0.0")
    assert media.parse(connected) == media.Connected()
    assert media.parse(json.dumps(START)) == media.Start(
        SID, CALL, account_sid="AC" + "2" * 32, parameters={"token": "t1"}
    )
    payload = base64.b64encode(b"\x7f" * 160).decode()
    assert media.parse(media_frame(payload=payload)) == media.Media(b"\x7f" * 160)
    pressed = frame(event="dtmf", streamSid=SID, dtmf={"track": "inbound_track", "digit": "5"})
    assert media.parse(pressed) == media.Dtmf("5")
    marked = frame(event="mark", streamSid=SID, mark={"name": "clause-7"})
    assert media.parse(marked) == media.Mark("clause-7")
    stopped = frame(event="stop", streamSid=SID, stop={"callSid": CALL})
    assert media.parse(stopped) == media.Stop(CALL)


def test_a_frame_may_be_bytes_and_a_stop_may_be_bare() -> None:
    assert media.parse(b'{"event":"stop"}') == media.Stop()
    assert media.parse(frame(event="stop", stop={"callSid": 5})) == media.Stop()


def test_a_start_may_leave_out_what_the_program_does_not_need() -> None:
    bare = frame(event="start", streamSid=SID, start={"callSid": CALL})
    assert media.parse(bare) == media.Start(SID, CALL)


def test_events_and_fields_of_tomorrow_are_tolerated() -> None:
    assert media.parse(frame(event="weather", mood="fine")) == media.Unknown("weather")
    assert isinstance(media.parse(changed_start(novelty={"a": 1})), media.Start)
    assert media.parse(frame(event="x" * 200)) == media.Unknown("x" * 40)


@pytest.mark.parametrize("timestamp", [40, "-1", "٣", "9" * 30, None, True])
def test_a_timestamp_is_not_looked_at(timestamp: object) -> None:
    assert media.parse(media_frame(payload="AAAA", timestamp=timestamp)) == media.Media(b"\0\0\0")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        (b"\xff\xfe", "not_json"),
        ("[]", "not_an_object"),
        ("{}", "no_event"),
        (frame(event=7), "no_event"),
        (frame(event="media"), "no_media"),
        (frame(event="media", media="hello"), "no_media"),
        (media_frame(), "no_payload"),
        (media_frame(payload=""), "no_payload"),
        (media_frame(payload=["AAAA"]), "no_payload"),
        (media_frame(payload="AAA"), "bad_base64"),
        (media_frame(payload="A\u00e9AA"), "bad_base64"),
        (media_frame(payload="AA AA==="), "bad_base64"),
        (media_frame(payload="A" * 200_000), "too_much_audio"),
        (frame(event="mark", mark={}), "no_mark_name"),
        (frame(event="dtmf", dtmf={"digit": "12"}), "bad_digit"),
        (frame(event="dtmf", dtmf={"digit": 1}), "bad_digit"),
        (changed_start(callSid=""), "bad_call_sid"),
        (changed_start(callSid='CA"}'), "bad_call_sid"),
        (changed_start(streamSid="MZ" + "0" * 90), "bad_stream_sid"),
        (changed_start(accountSid=5), "bad_account_sid"),
        (changed_start(mediaFormat="mulaw"), "bad_format"),
        (
            changed_start(mediaFormat={"encoding": "audio/l16", "sampleRate": 8000}),
            "foreign_format",
        ),
        (
            changed_start(mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": 16000}),
            "foreign_format",
        ),
        (changed_start(customParameters=[1]), "bad_parameters"),
        (changed_start(customParameters={"token": 5}), "bad_parameters"),
    ],
)
def test_a_malformed_frame_is_refused_by_a_code(text: str | bytes, code: str) -> None:
    assert code_of(text) == code


def test_a_start_without_parameters_has_none() -> None:
    parsed = media.parse(changed_start(customParameters=None))
    assert isinstance(parsed, media.Start)
    assert parsed.parameters == {}


@given(st.text() | st.binary())
def test_any_text_is_a_message_or_a_protocol_error(text: str | bytes) -> None:
    with contextlib.suppress(media.MediaProtocolError):
        media.parse(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
NAMES = ("connected", "start", "media", "mark", "dtmf", "stop", "else")
INNER = ("payload", "timestamp", "name", "digit", "callSid", "streamSid", "mediaFormat")


@given(
    event=st.sampled_from(NAMES) | JSON,
    inner=st.dictionaries(st.sampled_from(INNER), JSON) | JSON,
    stream_sid=JSON,
)
def test_any_frame_of_nearly_the_right_shape_is_a_message_or_a_protocol_error(
    event: Any, inner: Any, stream_sid: Any
) -> None:
    name = event if isinstance(event, str) else "x"
    text = json.dumps({"event": event, "streamSid": stream_sid, name: inner})
    with contextlib.suppress(media.MediaProtocolError):
        media.parse(text)


@given(st.binary(min_size=1, max_size=2000))
def test_audio_sent_is_the_audio_that_arrives(audio: bytes) -> None:
    sent = orjson.loads(media.media(SID, audio))
    assert sent["event"] == "media"
    assert sent["streamSid"] == SID
    assert base64.b64decode(sent["media"]["payload"]) == audio
    assert media.parse(media_frame(payload=sent["media"]["payload"])) == media.Media(audio)


@given(st.text(min_size=1))
def test_a_mark_of_any_name_survives_the_way_there_and_back(name: str) -> None:
    sent = media.mark(SID, name.encode("utf-8", "ignore").decode() or "m")
    parsed = media.parse(sent)
    assert isinstance(parsed, media.Mark)
    assert parsed.name == orjson.loads(sent)["mark"]["name"]


def test_a_clear_names_its_stream() -> None:
    assert orjson.loads(media.clear(SID)) == {"event": "clear", "streamSid": SID}
