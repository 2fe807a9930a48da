"""What is said where nobody converses, and what is never said there."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from voice.context import open_context
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.unattended import (
    is_screening,
    nobody_spoke,
    nobody_took_it,
    screened,
    voicemail,
)


def _context(purpose: str, name: str = "Dana Ruiz"):
    from dataclasses import replace

    made = open_context(call_sid="CA1", call_id=1, direction="outbound", purpose=purpose)
    return replace(made, party_name=name)


@pytest.mark.parametrize(
    ("purpose", "what"), [("reminder", "a reminder"), ("follow_up", "a message")]
)
def test_a_voicemail_says_who_called_and_how_to_stop_it_and_nothing_else(purpose, what):
    words = voicemail(_context(purpose), Knowledge())
    assert words.startswith("This is the automated assistant for Bart's Automotive LLC")
    assert f"with {what} for Dana." in words
    assert "say stop" in words
    assert "Ruiz" not in words
    assert not set("0123456789") & set(words)


def test_where_nobody_speaks_the_number_and_the_way_out_are_told():
    words = nobody_spoke(Knowledge())
    assert "You can reach us at" in words and "say stop" in words
    assert not set("0123456789") & set(words)


def test_without_a_name_it_is_for_nobody():
    assert "a reminder. Please call" in voicemail(_context("reminder", ""), Knowledge())


@pytest.mark.parametrize(
    "text",
    [
        "Hi, the person you're calling is using a screening service. Go ahead and say your name "
        "and why you're calling.",
        "If you record your name and reason for calling, I'll see if this person is available.",
        "Please state your name after the tone.",
        "Who's calling?",
        "Who is this?",
        "Who are you?",
        "What's this about?",
        "What is this regarding?",
        "Why are you calling me?",
    ],
)
def test_a_screening_is_noticed(text):
    assert is_screening(text)


@pytest.mark.parametrize(
    "text",
    [
        "Yes, speaking.",
        "This is she.",
        "This is Dana.",
        "She's not here.",
        "Wrong number.",
        "Hello?",
    ],
)
def test_an_answer_is_no_screening(text):
    assert not is_screening(text)


def test_a_screener_hears_who_and_why_and_no_more():
    assert screened(Knowledge()) == "Bart's Automotive, about a service visit."


def test_a_caller_nobody_took_is_told_when():
    due = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("America/New_York"))
    words = nobody_took_it(due, date(2026, 11, 23)).greeting
    assert "call you back by" in words
    assert "ten thirty" in words
