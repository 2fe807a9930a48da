"""Names of whom a number is known for, weighed against what was heard."""

import pytest

from voice.providers.local.moonshine import recogniser
from voice.providers.local.names import pieces, weighed
from voice.providers.local.sound import to_floats, up_to_16k
from voice.rehearsal import people


def weigh(heard: str, name: str, of: dict[str, float]) -> str:
    return weighed(heard, (name,), lambda text: of.get(text, -99.0))


def test_a_name_that_sounds_nearly_as_likely_is_what_was_said() -> None:
    assert (
        weigh("Dang, are we?", "Dana Ruiz", {"Dang, are we?": -4.0, "Dana Ruiz": -9.0})
        == "Dana Ruiz"
    )


def test_a_name_that_sounds_far_less_likely_is_not() -> None:
    heard = {"Dan Rose.": -1.0, "Dana Ruiz": -12.0}
    assert weigh("Dan Rose.", "Dana Ruiz", heard) == "Dan Rose."


def test_what_came_before_the_name_is_kept() -> None:
    heard = {"Well, it's Dana Louise.": -4.0, "Well, it's Dana Ruiz.": -6.0, "Dana Ruiz.": -30.0}
    assert weigh("Well, it's Dana Louise.", "Dana Ruiz", heard) == "Well, it's Dana Ruiz."


def test_a_name_that_was_heard_is_not_looked_for() -> None:
    assert weighed("Dana Ruiz.", ("Dana Ruiz",), lambda text: pytest.fail(text)) == "Dana Ruiz."
    assert weighed("", ("Dana Ruiz",), lambda text: pytest.fail(text)) == ""


def test_text_is_cut_into_the_vocabularys_own_pieces() -> None:
    ranks = {"▁".encode(): 9, b"D": 8, b"a": 7, b"n": 6, b"an": 1, "▁D".encode(): 2, b"ana": 3}
    assert pieces("Dana", ranks) == [2, 3]
    assert pieces("Dané", ranks) is None


@pytest.mark.speech
@pytest.mark.skipif(people.FLITE is None, reason="flite is not installed")
@pytest.mark.parametrize(
    ("said", "known", "heard"),
    [
        ("Dana Ruiz.", "Dana Ruiz", True),
        ("Robert Miller.", "Robert Hale", False),
        ("Walter Kim.", "Robert Hale", False),
    ],
)
def test_a_hard_voice_is_heard_by_name_and_no_other_name_is(said: str, known: str, heard: bool) -> None:  # fmt: skip
    audio = b"\xff" * 800 + people.say(said, voice="slt") + b"\xff" * 1600
    text = recogniser().transcribe(up_to_16k(to_floats(audio)), (known,)).text
    assert (known in text) is heard
