"""A log line says which call and what happened, and nothing about the person."""

import json
import logging

import pytest
import structlog

from autoshop import logs


def _line(capsys: pytest.CaptureFixture[str], record: logging.LogRecord) -> dict[str, object]:
    formatter = logs.configuration(level="INFO", readable=False)["formatters"]["line"]
    written = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
    ).format(record)
    line: dict[str, object] = json.loads(written)
    return line


def _record(text: str, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("voice", logging.INFO, __file__, 1, text, (), None)
    record.__dict__.update(extra)
    return record


def test_a_line_carries_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.contextvars.bound_contextvars(call_sid="CA" + "1" * 32):
        line = _line(capsys, _record("turn ended", turn=3))
    assert line["call_sid"] == "CA" + "1" * 32
    assert (line["event"], line["turn"], line["level"]) == ("turn ended", 3, "info")


def test_private_keys_are_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    line = _line(capsys, _record("heard", transcript="my name is Ana", dob="1980-02-03", ms=4))
    assert "transcript" not in line
    assert "dob" not in line
    assert line["ms"] == 4


def test_numbers_keep_their_last_four_digits_wherever_they_stand() -> None:
    event = {"event": "no answer from +14155550142", "from_number": "+14155550199", "why": "x"}
    kept = logs.drop_private(None, "info", event)
    assert kept["event"] == "no answer from ...0142"
    assert kept["from_number"] == "...0199"


def test_a_vin_is_cut_out_and_a_long_word_is_not() -> None:
    assert logs.mask("vin 1HGCM82633A004352 seen") == "vin [vin] seen"
    assert logs.mask("Misunderstandings are counted") == "Misunderstandings are counted"


def test_tracebacks_are_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("duplicate key (phone)=(+14155550142)")
    except ValueError as error:
        record = _record("failed", exc_info=(type(error), error, error.__traceback__))
        record.exc_info = (type(error), error, error.__traceback__)
    line = _line(capsys, record)
    assert "+14155550142" not in json.dumps(line)
    assert "...0142" in str(line["exception"])
