"""Last words: what asks for more, and what only looks as if it did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.core.endings import DANGLING, Ending, look_at_ending, stalls
from voice.core.endpointing import Endpointing, Wholeness, look_at
from voice.core.history import Expectation as E

OVER = """
Tomorrow at 10 AM. | ten thirty am | at nine o'clock am | 10 a.m. | 9:00 am
I think so. | I hope so | ten minutes or so
definitely not | I'd rather not | why not | whether I can make it or not
Yes, it is. | yes I do | no sir, I did not | yeah, of course it is
no need | I can hear you | it's up to you and it's fine with you | how are you | nothing from you
tomorrow then | Friday afternoon then
the check engine light is on | can I bring it in | the car came in
I need an oil change | that's fine | it is at your place. Thanks
"""
MAY_BE_OVER = """
yes I have | no it has not | I did | I do not
I'd like to bring my Civic in | can I get it booked in | I could stop by
from now on | I need the brakes looked at | it was taken care of | that's what you can help with
please cancel that | can you repeat that | what was that | I don't like this | I never asked for that
as soon as you can | the earliest you have, if you can | whatever you have | that's all I need
I know what it is | I don't know when | the week after | earlier than before
what can you help me with | how long will it be | which plan do I have
I'd like to know who I'm speaking to
"""
GOES_ON = """
um | I need the | I'd like to | and then | but then | so
I think that | the thing is that | so that | I am | it is | I have | that I
can you | I was wondering if you | when you | can I ask you | have you
my name is | I'm looking for | any time after | what do you have on | are you open at | I have an opening at
take a look at | it's not | the battery is | do you know when | how about on
what is the | how much is | what kind of gas does | for this | in this
let me see | hang on | just a second | it's on. I need to
"""


def _lines(text: str) -> list[str]:
    return [said.strip() for line in text.strip().splitlines() for said in line.split("|")]


@pytest.mark.parametrize("said", _lines(OVER))
def test_what_ends_a_sentence_is_over_although_others_go_on_with_that_word(said: str) -> None:
    assert look_at_ending(said) is Ending.OVER


@pytest.mark.parametrize("said", _lines(MAY_BE_OVER))
def test_what_may_end_a_sentence_is_waited_for_a_little(said: str) -> None:
    assert look_at_ending(said) is Ending.MAY_BE_OVER


@pytest.mark.parametrize("said", _lines(GOES_ON))
def test_what_asks_for_more_goes_on(said: str) -> None:
    assert look_at_ending(said) is Ending.GOES_ON


def test_nothing_said_goes_on() -> None:
    assert look_at_ending("") is look_at_ending(" ... ") is Ending.GOES_ON


def test_asking_for_time_is_known_without_its_place() -> None:
    assert stalls("Well, let me see?") and stalls("One moment.")
    assert not stalls("I'll be there in a moment or two.")


@given(st.lists(st.sampled_from(sorted(DANGLING)), min_size=1, max_size=3), st.sampled_from(".!,"))
def test_punctuation_and_capitals_change_nothing(words: list[str], mark: str) -> None:
    said = " ".join(words)
    assert look_at_ending(said.upper() + mark) is look_at_ending(said)


@given(st.text(max_size=60))
def test_any_text_has_an_ending(text: str) -> None:
    assert look_at_ending(text) in Ending


@given(st.sampled_from(sorted(DANGLING)))
def test_a_word_that_people_pause_after_goes_on_where_nothing_stands_before_it(word: str) -> None:
    assert look_at_ending(word) is Ending.GOES_ON


@pytest.mark.parametrize(
    ("expects", "said"),
    [
        (E.WHEN, "Tomorrow at 10 AM."),
        (E.YES_NO, "Yes, it is."),
        (E.YES_NO, "Yeah I do."),
        (E.OPEN, "It started on Monday or so."),
    ],
)
def test_a_whole_answer_waits_no_longer_because_of_its_last_word(expects: E, said: str) -> None:
    assert look_at(expects, said) is Wholeness.WHOLE
    assert Endpointing().hold(expects, said) <= 0.3


@pytest.mark.parametrize("said", ["Cancel that.", "As soon as you can.", "Bring my Civic in."])
def test_what_may_be_over_is_not_taken_for_whole_because_of_a_full_stop(said: str) -> None:
    assert look_at(E.OPEN, said) is Wholeness.UNCLEAR


def test_a_question_mark_makes_a_question_whole_but_not_a_stall() -> None:
    assert look_at(E.OPEN, "Are you open on?") is Wholeness.WHOLE
    assert look_at(E.OPEN, "Let me see?") is Wholeness.BROKEN_OFF
