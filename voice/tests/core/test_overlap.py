"""Heard over the agent: a nod, an echo, a command or the floor."""

import pytest

from voice.core.overlap import Overlap, is_answer, judge, words_of

AGENT = "your oil change is on Tuesday November twenty-fourth at nine thirty".split()


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", Overlap.NOTHING),
        ("...", Overlap.NOTHING),
        ("mm-hm", Overlap.NOD),
        ("Uh huh uh huh", Overlap.NOD),
        ("okay, thank you", Overlap.NOD),
        ("All right then.", Overlap.NOD),
        ("I see I see", Overlap.NOD),
        ("stop", Overlap.COMMAND),
        ("okay but wait", Overlap.COMMAND),
        ("No!", Overlap.COMMAND),
        ("no problem", Overlap.NOD),
        ("um", Overlap.UNCLEAR),
        ("the", Overlap.UNCLEAR),
        ("the fifteenth", Overlap.TAKEOVER),
        ("Thursday", Overlap.TAKEOVER),
        ("yes and does it cost much", Overlap.TAKEOVER),
        ("on Tuesday November twenty-fourth at nine", Overlap.ECHO),
        ("at nine thirty can I come later", Overlap.TAKEOVER),
        ("at nine thirty wait", Overlap.COMMAND),
        ("on Tuesday", Overlap.TAKEOVER),
    ],
)
def test_words_over_the_agent_mean_what_a_person_takes_them_for(
    text: str, meaning: Overlap
) -> None:
    assert judge(text, agent_words=AGENT) is meaning


def test_an_old_sentence_repeated_is_an_answer_and_no_echo() -> None:
    agent = [*AGENT, *"or would you rather come on another day of that week with us".split()]
    assert judge("on Tuesday November", agent_words=agent) is Overlap.TAKEOVER


def test_what_may_become_a_nod_or_an_echo_is_waited_for_while_it_grows() -> None:
    assert judge("got", agent_words=[], growing=True) is Overlap.UNCLEAR
    assert judge("got", agent_words=[]) is Overlap.TAKEOVER
    assert judge("nine thirty", agent_words=AGENT, growing=True) is Overlap.UNCLEAR
    assert judge("nine thirty five", agent_words=AGENT, growing=True) is Overlap.TAKEOVER
    assert judge("have a", agent_words=[], growing=True, closing=True) is Overlap.UNCLEAR


def test_a_farewell_is_a_nod_only_while_the_call_is_closing() -> None:
    assert judge("bye bye", agent_words=[], closing=True) is Overlap.NOD
    assert judge("bye bye", agent_words=[]) is Overlap.TAKEOVER
    assert judge("thanks have a good day", agent_words=[], closing=True) is Overlap.NOD


def test_one_doubtful_word_needs_company() -> None:
    assert judge("Thursday", agent_words=[], confidence=0.3) is Overlap.UNCLEAR
    assert judge("Thursday morning", agent_words=[], confidence=0.3) is Overlap.TAKEOVER
    assert judge("stop", agent_words=[], confidence=0.3) is Overlap.COMMAND


def test_only_commands_and_takeovers_take_the_floor() -> None:
    assert {each for each in Overlap if each.takes_floor} == {Overlap.COMMAND, Overlap.TAKEOVER}


@pytest.mark.parametrize("text", ["yes", "yeah sure", "that's right", "Mm-hm.", "correct"])
def test_a_nod_can_be_an_answer(text: str) -> None:
    assert is_answer(text)


@pytest.mark.parametrize("text", ["", "hmm", "oh", "I see"])
def test_not_every_nod_is_an_answer(text: str) -> None:
    assert not is_answer(text)


def test_words_are_lower_case_without_punctuation() -> None:
    assert words_of("It’s twenty-four, O'Neil: 9:30!") == ["it's", "twenty-four", "o'neil", "9", "30"]  # fmt: skip
