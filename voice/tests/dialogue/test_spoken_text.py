"""Any sentence leaves as words that every voice reads alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.dialogue import spoken
from voice.dialogue.spoken_text import speakable

SENTENCES = {
    "Your visit is 11/24 at 9:30 AM for $89.95.": (
        "Your visit is November twenty-fourth at nine thirty A M for eighty-nine ninety-five."
    ),
    "Tuesday, November 24th at 9:30 a.m.": "Tuesday, November twenty-fourth at nine thirty A M.",
    "Call (555) 234-0147 or +15552340147.": (
        "Call five five five, two three four, zero one four seven"
        " or five five five, two three four, zero one four seven."
    ),
    "Call 555-234-0147.": "Call five five five, two three four, zero one four seven.",
    "**Great!** 🎉 See [our site](https://x.y/z) or https://a.b/c": "Great! See our site or our website",
    "A 2019 Honda CR-V": "A twenty nineteen Honda C R V",
    "the F-150 and the Silverado 1500": "the F one fifty and the Silverado fifteen hundred",
    "a BMW X5, a RAV4 and a Mazda3": "a B M W X five, a RAV four and a Mazda three",
    "Tue. 11/24/2026 at 14:00": "Tuesday November twenty-fourth, twenty twenty-six at two P M",
    "45 Oak St. or 9 Maple Dr.": "forty-five Oak Street or nine Maple Drive.",
    "Dr. Smith's car": "Doctor Smith's car",
    "A/C check on a 4WD EV": "A C check on a four wheel drive E V",
    "We're open Mon-Fri 9 AM - 5 PM.": "We're open Monday to Friday nine A M to five P M.",
    "We close at 5 PM. See you then.": "We close at five P M. See you then.",
    "Your reference is K7M4Q2.": "Your reference is K, seven, M, four, Q, two.",
    "at 42,500 miles": "at forty-two thousand five hundred miles",
    "every 30k miles": "every thirty thousand miles",
    "0W-20 oil": "zero W twenty oil",
    "from $120 + tires": "from one hundred twenty dollars plus tires",
    "between $149-$199": "between one hundred forty-nine to one hundred ninety-nine dollars",
    "5% off": "five percent off",
    "4.5 quarts": "four point five quarts",
    "at 12:00 or 12:30": "at noon or twelve thirty",
    "at 9:00": "at nine o'clock",
    "Nov 24, 2026": "November twenty-fourth, twenty twenty-six",
    "the 24th of Nov.": "the November twenty-fourth.",
    "parts & labor": "parts and labor",
    "1. brakes\n2. tires": "brakes tires",
    "- brakes\n- tires": "brakes tires",
    "# Title": "Title",
    "an `oil change`": "an oil change",
    "the 30,000-mile service": "the thirty thousand-mile service",
    "VIN ending 341": "VIN ending three hundred forty-one",
    "It’s ready — come by": "It's ready, come by",
    "Thanks... bye": "Thanks... bye",
    "2026-11-24": "November twenty-fourth, twenty twenty-six",
    "$1,299.00": "one thousand two hundred ninety-nine dollars",
    "15-20 min": "fifteen to twenty minutes",
    "yes/no": "yes or no",
    "": "",
}


@pytest.mark.parametrize(("text", "said"), SENTENCES.items())
def test_a_sentence(text: str, said: str) -> None:
    assert speakable(text) == said


@pytest.mark.parametrize("said", [value for value in SENTENCES.values() if "..." not in value])
def test_words_stay_as_they_are(said: str) -> None:
    assert speakable(said) == said


@given(st.integers(0, 999_999_99))
def test_money_said_by_us_is_left_alone(cents: int) -> None:
    assert speakable(spoken.say_money(cents)) == spoken.say_money(cents)


@given(st.integers(100, 999_999_99))
def test_written_money_is_said_as_our_own(cents: int) -> None:
    assert speakable(f"${cents // 100:,}.{cents % 100:02d}") == spoken.say_money(cents)
