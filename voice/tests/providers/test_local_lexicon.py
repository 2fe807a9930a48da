"""What the recogniser mishears is put right, and nothing else is touched."""

import pytest

from voice.core.history import Expectation
from voice.providers.local.lexicon import put_right


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("My breaks are squeaking.", "My brakes are squeaking."),
        ("I need new break pads", "I need new brake pads"),
        ("The Czech engine light is on", "The check engine light is on"),
        ("Can I get a loner car?", "Can I get a loaner car?"),
        ("What is my Venn number?", "What is my VIN number?"),
        ("I need an oil chain", "I need an oil change"),
        ("tired rotation please", "tire rotation please"),
        ("a Ford F one fifty", "a Ford F-150"),
        ("my Rav four", "my RAV4"),
        ("It's a Toyoda Camery", "It's a Toyota Camry"),
        ("It's a Honda see our V.", "It's a Honda CR-V."),
        ("2019 Honda Prg", "2019 Honda CR-V"),
        ("2015, dear Rio.", "2015, Kia Rio."),
        ("Neighbor of those work.", "neither of those work."),
        ("One is my next appointment.", "when is my next appointment."),
        ("Cancelled my appointment, please.", "cancel my appointment, please."),
    ],
)
def test_the_trade_is_understood(heard: str, meant: str) -> None:
    assert put_right(heard, Expectation.OPEN) == meant


@pytest.mark.parametrize(
    "said",
    [
        "Can I come during my lunch break?",
        "It breaks down on the highway",
        "I have been there on Monday then",
        "Why are you asking?",
        "I see",
        "One is my old car.",
        "I cancelled my gym membership",
        "I see our very old car",
        "My dear rear wiper",
        "No weight in the trunk",
    ],
)
def test_ordinary_words_stay(said: str) -> None:
    assert put_right(said, Expectation.OPEN) == said


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Well, it's a bit loud here, too.", "Well, it's a bit loud here, two."),
        ("For.", "four."),
        ("It was for my wife.", "It was for my wife."),
        ("Five.", "Five."),
    ],
)
def test_a_score_is_heard_as_a_number(heard: str, meant: str) -> None:
    assert put_right(heard, Expectation.SCORE) == meant
    assert put_right("Me too.", Expectation.OPEN) == "Me too."


def test_letters_are_read_only_where_letters_were_asked_for() -> None:
    heard = "See, are, why, four"
    assert put_right(heard, Expectation.SPELLING) == "C R Y four"
    assert put_right(heard, Expectation.OPEN) == heard


def test_a_word_among_letters_stays_a_sentence() -> None:
    said = "I don't see it"
    assert put_right(said, Expectation.VIN) == said
