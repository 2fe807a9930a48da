"""How long to wait: it depends on what was asked, what was said and who speaks."""

import pytest

from voice.core.endpointing import Endpointing, Wholeness, count_digits, look_at
from voice.core.history import Expectation as E


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("", 0),
        ("five five five", 3),
        ("double five oh", 3),
        ("triple seven", 3),
        ("313 555 0147", 10),
        ("three one three five fifty five zero one forty seven", 10),
        ("nineteen eighty five", 4),
        ("ten", 2),
        ("twenty-four", 2),
        ("hello", 0),
    ],
)
def test_digits_are_counted_as_people_say_them(text: str, digits: int) -> None:
    assert count_digits(text) == digits


@pytest.mark.parametrize(
    ("expects", "text", "looks"),
    [
        (E.OPEN, "", Wholeness.UNCLEAR),
        (E.OPEN, "I need an oil change.", Wholeness.WHOLE),
        (E.OPEN, "I need an oil change", Wholeness.UNCLEAR),
        (E.OPEN, "I need an", Wholeness.BROKEN_OFF),
        (E.OPEN, "I need, um", Wholeness.BROKEN_OFF),
        (E.OPEN, "well let me see", Wholeness.BROKEN_OFF),
        (E.OPEN, "hold on", Wholeness.BROKEN_OFF),
        (E.OPEN, "just a second", Wholeness.BROKEN_OFF),
        (E.OPEN, "my car makes a noise...", Wholeness.BROKEN_OFF),
        (E.OPEN, "The check engine light is on.", Wholeness.WHOLE),
        (E.OPEN, "Can I bring it in?", Wholeness.WHOLE),
        (E.OPEN, "What is it about?", Wholeness.WHOLE),
        (E.OPEN, "I live in", Wholeness.BROKEN_OFF),
        (E.OPEN, "Hello.", Wholeness.UNCLEAR),
        (E.YES_NO, "yes", Wholeness.WHOLE),
        (E.YES_NO, "uh no", Wholeness.WHOLE),
        (E.YES_NO, "I guess", Wholeness.UNCLEAR),
        (E.YES_NO, "yes but", Wholeness.BROKEN_OFF),
        (E.WHEN, "Tuesday morning", Wholeness.WHOLE),
        (E.WHEN, "any time after", Wholeness.BROKEN_OFF),
        (E.WHEN, "the earlier one", Wholeness.UNCLEAR),
        (E.SCORE, "nine", Wholeness.WHOLE),
        (E.SCORE, "it was great", Wholeness.UNCLEAR),
        (E.NAME, "Dana Ruiz.", Wholeness.WHOLE),
        (E.NAME, "Dana Ruiz", Wholeness.UNCLEAR),
        (E.SPELLING, "R U I Z.", Wholeness.UNCLEAR),
        (E.PHONE, "three one three five five five oh one four seven", Wholeness.WHOLE),
        (E.PHONE, "three one three five five five", Wholeness.BROKEN_OFF),
        (E.PHONE, "I'm not sure", Wholeness.UNCLEAR),
        (E.PHONE, "it's", Wholeness.BROKEN_OFF),
        (E.VIN, "four one nine three three two", Wholeness.WHOLE),
        (E.VIN, "four one nine", Wholeness.BROKEN_OFF),
        (E.CODE, "one two three", Wholeness.BROKEN_OFF),
        (E.CODE, "one two three four five six", Wholeness.WHOLE),
        (E.ZIP, "four eight two", Wholeness.BROKEN_OFF),
        (E.ZIP, "four eight two oh one", Wholeness.WHOLE),
        (E.NAME, "Dana Ruiz,", Wholeness.UNCLEAR),
        (E.NAME, "Dana and,", Wholeness.BROKEN_OFF),
        (E.WHEN, "Wednesday,", Wholeness.UNCLEAR),
        (E.OPEN, "My car makes a noise,", Wholeness.BROKEN_OFF),
        (E.SPELLING, "R U I Z", Wholeness.UNCLEAR),
        (E.SPELLING, "It's Ruiz, R U I Z", Wholeness.WHOLE),
        (E.SPELLING, "It's Ruiz, R U I", Wholeness.UNCLEAR),
        (E.SPELLING, "I don't know", Wholeness.UNCLEAR),
        (E.DATE_OF_BIRTH, "April twelfth nineteen eighty five", Wholeness.WHOLE),
        (E.DATE_OF_BIRTH, "April twelfth", Wholeness.UNCLEAR),
        (E.DATE_OF_BIRTH, "it's June the twenty first", Wholeness.UNCLEAR),
        (E.DATE_OF_BIRTH, "04/12/1985", Wholeness.WHOLE),
        (E.DATE_OF_BIRTH, "March third two thousand one", Wholeness.WHOLE),
        (E.DATE_OF_BIRTH, "1985", Wholeness.UNCLEAR),
        (E.DATE_OF_BIRTH, "nineteen eighty five", Wholeness.UNCLEAR),
        (E.VEHICLE, "a 2019 Honda CR-V.", Wholeness.WHOLE),
        (E.ADDRESS, "forty two Maple Street four eight two oh one", Wholeness.WHOLE),
        (E.ADDRESS, "227 Woodward Avenue Detroit 48201", Wholeness.WHOLE),
        (E.ADDRESS, "forty two Maple Street four eight", Wholeness.UNCLEAR),
        (E.ADDRESS, "42, 48201", Wholeness.WHOLE),
        (E.ADDRESS, "48201", Wholeness.UNCLEAR),
        (E.ADDRESS, "four eight two oh one", Wholeness.UNCLEAR),
        (E.ADDRESS, "227 Woodward Avenue", Wholeness.UNCLEAR),
    ],
)
def test_an_answer_looks_as_finished_as_it_is(expects: E, text: str, looks: Wholeness) -> None:
    assert look_at(expects, text) is looks


def test_every_kind_of_answer_has_its_waits_and_unfinished_ones_wait_longer() -> None:
    pace = Endpointing()
    for expects in E:
        finished, unfinished = pace.hold(expects, "yes."), pace.hold(expects, "it's")
        assert 0.15 <= finished <= unfinished <= 2.5


def test_a_phone_number_half_given_is_waited_for_and_a_whole_one_is_not() -> None:
    pace = Endpointing()
    assert pace.hold(E.PHONE, "313 555") >= 1.5
    assert pace.hold(E.PHONE, "313 555 0147") <= 0.4


def test_a_sentence_where_digits_were_asked_for_is_waited_for_like_any_sentence() -> None:
    pace = Endpointing()
    assert pace.hold(E.PHONE, "I don't have one.") == pace.hold(E.OPEN, "I don't have one.")
    assert pace.hold(E.VIN, "No.") == pace.hold(E.ZIP, "nope") == pace.hold(E.OPEN, "No.")
    assert pace.hold(E.ADDRESS, "No.") == pace.hold(E.OPEN, "No.")
    assert pace.hold(E.ADDRESS, "No, 12") == pace.hold(E.ADDRESS, "12")
    assert pace.hold(E.VIN, "no, it's") > 1.2
    assert pace.hold(E.PHONE, "it's three") > 1.5
    assert pace.hold(E.PHONE, "hang on let me see") > 1.5
    assert pace.hold(E.DATE_OF_BIRTH, "the fourth of March") > 1.2
    assert pace.hold(E.PHONE, "") > 1.2


def test_a_caller_who_pauses_long_is_given_longer() -> None:
    pace = Endpointing()
    before = pace.hold(E.OPEN, "my car needs")
    for _ in range(8):
        pace.learn_pause(1.2)
    assert pace.hold(E.OPEN, "my car needs") > before * 1.8
    assert pace.hold(E.OPEN, "I need an oil change.") == Endpointing().hold(
        E.OPEN, "I need an oil change."
    )


def test_pauses_that_are_none_teach_nothing() -> None:
    pace = Endpointing()
    pace.learn_pause(0.02)
    pace.learn_pause(20.0)
    assert pace == Endpointing()


@pytest.mark.parametrize("expects", [E.SPELLING, E.PHONE, E.VIN, E.DATE_OF_BIRTH, E.CODE])
def test_who_spells_or_dictates_is_not_taken_for_slow(expects: E) -> None:
    pace = Endpointing()
    pace.learn_pause(1.2, expects)
    assert pace == Endpointing()


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("No, that's all, thank you.", True),
        ("Okay, see you.", True),
        ("I wanted to ask you", False),
        ("Can you", False),
    ],
)
def test_thanks_are_whole_and_a_you_alone_is_not(said: str, ends: bool) -> None:
    assert (look_at(E.OPEN, said) is not Wholeness.BROKEN_OFF) is ends


def test_having_been_too_quick_is_learned_at_once() -> None:
    pace = Endpointing()
    before = pace.hold(E.OPEN, "my car needs")
    pace.was_too_quick(0.7)
    assert pace.hold(E.OPEN, "my car needs") > before * 1.5
    learned = pace.hold(E.OPEN, "my car needs")
    pace.was_too_quick(8.0)
    assert pace.hold(E.OPEN, "my car needs") == learned
    pace.was_too_quick(2.5)
    assert pace.hold(E.OPEN, "my car needs") <= 3.0


def test_slow_mode_stretches_every_wait() -> None:
    assert Endpointing(pace=2.0).hold(E.YES_NO, "yes") == 2 * Endpointing().hold(E.YES_NO, "yes")


@pytest.mark.parametrize("expects", [E.SPELLING, E.NAME, E.YES_NO])
def test_a_name_is_spelled_to_its_end_where_it_was_said_before(expects: E) -> None:
    pace = Endpointing()
    pace.remember("It's Dana Ruiz.")
    for all_of_it in ("R U I Z", "D a n a r u i z.", "it's R. U. I. Z."):
        assert pace.look(expects, all_of_it) is Wholeness.WHOLE
        assert pace.hold(expects, all_of_it) == 0.6
    for part in ("R U I", "D a n a r u i", "R U I S"):
        assert pace.look(expects, part) is Wholeness.UNCLEAR
        assert pace.hold(expects, part) == 1.4


def test_only_the_turn_before_counts_as_said_before() -> None:
    pace = Endpointing()
    pace.remember("Dana Ruiz.")
    pace.remember("Yes.")
    assert pace.look(E.SPELLING, "R U I Z") is Wholeness.UNCLEAR


def test_letters_in_an_answer_to_a_yes_or_no_are_waited_for_as_spelling() -> None:
    pace = Endpointing()
    assert pace.hold(E.YES_NO, "No, the first name is Dana, D a n") == 1.4
    assert pace.hold(E.YES_NO, "No, the first name is Dana, D a n a") == 0.6
    assert pace.hold(E.YES_NO, "No, at 10 a.m.") == 0.2
