"""Keys, expectations, errands and patience: the small parts of the core."""

import itertools

import pytest

from voice.core import events as ev
from voice.core.errands import Errands
from voice.core.expectations import infer
from voice.core.history import Expectation as E
from voice.core.keypad import PERSON, Keypad
from voice.core.patience import Patience
from voice.core.timing import Phrases, TurnSettings


@pytest.mark.parametrize(
    ("keys", "expects", "words"),
    [
        ("3135550147", E.PHONE, "3135550147"),
        ("04121985", E.DATE_OF_BIRTH, "04/12/1985"),
        ("419332", E.VIN, "419332"),
        ("1", E.YES_NO, "yes"),
        ("2", E.YES_NO, "no"),
        ("7", E.YES_NO, "7"),
        ("9", E.OPEN, "9"),
        ("0", E.OPEN, PERSON),
        ("0", E.YES_NO, PERSON),
        ("10", E.SCORE, "10"),
        ("42#", E.ADDRESS, "42"),
        ("12*34#", E.CODE, "34"),
        ("123456", E.CODE, "123456"),
        ("48201", E.ZIP, "48201"),
        ("0#", E.PHONE, PERSON),
        ("0412#", E.DATE_OF_BIRTH, "0412"),
        ("#", E.OPEN, None),
    ],
)
def test_keys_say_what_they_stand_for(keys: str, expects: E, words: str | None) -> None:
    keypad = Keypad()
    said = [keypad.press(key, expects) for key in keys]
    assert said[-1] == words
    assert set(said[:-1]) <= {None}
    assert not keypad


def test_a_number_that_stops_short_is_taken_as_it_stands() -> None:
    keypad = Keypad()
    assert keypad.press("0", E.PHONE) is None
    assert keypad
    assert keypad.finish(E.PHONE) == PERSON
    assert keypad.finish(E.PHONE) is None
    assert keypad.finish(E.YES_NO) is None


@pytest.mark.parametrize(
    ("text", "expects"),
    [
        ("How can I help?", E.OPEN),
        ("Thanks.", E.OPEN),
        ("Oil change, Tuesday at nine thirty. Is that right?", E.YES_NO),
        ("Tuesday at nine, okay?", E.YES_NO),
        ("Would you like to wait?", E.YES_NO),
        ("What's your date of birth?", E.DATE_OF_BIRTH),
        ("Could you spell the last name?", E.SPELLING),
        ("May I have your first and last name?", E.NAME),
        ("And the last six of the VIN?", E.VIN),
        ("What's the best phone number?", E.PHONE),
        ("Is 0147 the best phone number for you, and shall I text it?", E.YES_NO),
        ("Which phone is best?", E.PHONE),
        ("Anything else?", E.OPEN),
        ("What day works for you?", E.WHEN),
        ("I have Tuesday at 9:30 or 1:00. Which one?", E.WHEN),
        ("What year, make and model is it?", E.VEHICLE),
        ("And your street number and zip?", E.ADDRESS),
        ("What's the ZIP code on the account?", E.ZIP),
        ("What is the six-digit code I texted you?", E.CODE),
        ("On a scale of one to five, how was it?", E.SCORE),
    ],
)
def test_a_question_tells_what_kind_of_answer_it_wants(text: str, expects: E) -> None:
    assert infer(text) is expects


def done(say: str | None = None, then: str = "model", expects: E | None = None) -> ev.ToolFinished:
    return ev.ToolFinished("t1", "{}", say, then, expects)


def test_a_receipt_is_said_even_when_the_caller_has_spoken_meanwhile() -> None:
    errands = Errands(TurnSettings())
    errands.note(done("You're booked."), overtaken=True)
    assert errands.has_sentences
    assert errands.next_sentence() == ("You're booked.", E.OPEN)
    assert (errands.has_wish, errands.take_wish(), errands.has_wish) == (True, "model", False)
    assert errands.take_wish() is None


def test_a_question_of_code_is_not_asked_over_newer_words() -> None:
    errands = Errands(TurnSettings())
    errands.note(done("Is that right?", "listen"), overtaken=True)
    assert not errands.has_sentences
    errands.note(done("Is that right?", "listen", E.YES_NO), overtaken=False)
    assert errands.next_sentence() == ("Is that right?", E.YES_NO)


@pytest.mark.parametrize(
    ("wishes", "decides"),
    [
        (["model", "listen"], "listen"),
        (["hand_over", "model"], "hand_over"),
        (["listen", "hang_up"], "hang_up"),
    ],
)
def test_of_several_tools_the_strongest_wish_decides(wishes: list[str], decides: str) -> None:
    errands = Errands(TurnSettings())
    for wish in wishes:
        errands.note(done(then=wish), overtaken=False)
    assert errands.take_wish() == decides


def test_fillers_are_about_the_tool_and_never_the_same_twice_in_a_row() -> None:
    fillers = {"find": ("Checking Thursday.", "Looking at the bays."), "": ("One moment.",)}
    errands = Errands(TurnSettings(phrases=Phrases(fillers=fillers)))
    said = [errands.choose_filler("find") for _ in range(5)]
    assert all(first != second for first, second in itertools.pairwise(said))
    assert set(said) == set(fillers["find"])
    assert errands.choose_filler("other") == "One moment."
    assert errands.choose_filler("other") is None


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    assert Errands(TurnSettings(phrases=Phrases())).choose_filler("find") is None


def test_patience_runs_out_in_three_steps_and_begins_anew() -> None:
    phrases = Phrases()
    patience = Patience(TurnSettings())
    assert patience.ends_at(noisy=False, pace=1) is None
    patience.note(10.0, waiting=True)
    patience.note(12.0, waiting=True)
    assert patience.ends_at(noisy=False, pace=1) == 16.0
    assert patience.ends_at(noisy=True, pace=1) == 19.0
    assert patience.ends_at(noisy=False, pace=2) == 22.0
    assert patience.next_words() == (phrases.still_there, False)
    patience.note(20.0, waiting=False)
    assert patience.ends_at(noisy=False, pace=1) is None
    assert patience.next_words() == (phrases.hold_on, False)
    assert patience.next_words() == (phrases.idle_goodbye, True)
    assert patience.next_words() == (phrases.still_there, False)
    patience.restore()
    assert patience.next_words() == (phrases.still_there, False)
