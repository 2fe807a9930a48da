"""What a call teaches about how long its caller pauses: what they did, and nothing else."""

from voice.core import effects as do
from voice.core.endpointing import Endpointing
from voice.core.history import Expectation
from voice.tests.core.talk import Talk


def hold(talk: Talk) -> float:
    """How long this caller is waited for after words that may go on."""
    return talk.core._moves.pace.hold(Expectation.OPEN, "my car needs")


USUAL_HOLD = Endpointing().hold(Expectation.OPEN, "my car needs")


def test_what_the_agent_takes_to_speak_is_no_pause_of_the_callers() -> None:
    talk = Talk("Sure.", "Okay.", "Fine.").start("Hello.")
    for begin in (1.5, 5.0, 7.8):
        talk.caller(begin, (0.8, "Book it please."))
        talk.run(begin + 2.5)
    assert len(talk.caller_turns) == 3
    assert hold(talk) == USUAL_HOLD


def test_a_pause_inside_a_turn_is_learned() -> None:
    talk = Talk("Sure.").start("Hello.")
    talk.caller(1.5, (0.8, "I need to bring my"), (1.0, ""), (0.8, "car in please."))
    talk.run(8.0)
    assert talk.caller_turns == ["I need to bring my car in please."]
    assert hold(talk) > USUAL_HOLD * 1.2


def test_who_speaks_before_the_greeting_is_not_taken_for_slow() -> None:
    talk = Talk("Sure.", voice=0.8).start("Hello, how can I help?")
    talk.caller(0.2, (0.8, "Book it please."))
    talk.run(6.0)
    assert hold(talk) == USUAL_HOLD


def test_a_second_thought_while_the_agent_thinks_is_no_pause() -> None:
    talk = Talk("Sure.", "Sure, both.", think=3.0).start("Hello.")
    talk.caller(1.5, (1.2, "I need an oil change."), (1.6, ""), (1.2, "and also new tires."))
    talk.run(12.0)
    assert talk.caller_turns == ["I need an oil change.", "and also new tires."]
    assert hold(talk) == USUAL_HOLD


def test_a_caller_who_goes_on_before_the_answer_is_audible_is_answered_once() -> None:
    talk = Talk("Sure.", "Sure, both.", think=1.0).start("Hello.")
    talk.caller(2.0, (1.2, "I need an oil change."), (0.7, ""), (1.2, "and also new tires."))
    talk.run(12.0)
    requests = [effect for _, effect in talk.log if isinstance(effect, do.RequestReply)]
    assert requests[-1].heard == "I need an oil change. and also new tires."
    assert [turn.heard for turn in talk.agent_turns] == ["Hello.", "Sure, both."]
    assert hold(talk) > USUAL_HOLD
