"""Who has the floor: whole scenes of a call, on a clock of their own."""

from collections.abc import Callable

import pytest

from voice.core import effects as do
from voice.core import events as ev
from voice.core.conversation import Conversation, Floor
from voice.core.history import AgentTurn, CallerTurn, Expectation, ToolUse
from voice.core.timing import Phrases, TurnSettings
from voice.tests.core.talk import Line, Talk

READ_BACK = "Oil change, Tuesday the twenty-fourth at nine thirty. Is that right?"
STORY = (
    "Your oil change is on Tuesday, November twenty-fourth at nine thirty. "
    "Please bring your registration, and plan for about an hour."
)
PHRASES = Phrases()


def answered(*lines: Line | str, **facts: object) -> Talk:
    """A call in which the caller has asked for something at 2 s and the agent is speaking."""
    talk = Talk(*lines, **facts).start("Hello.")  # type: ignore[arg-type]
    talk.caller(1.5, (0.5, "Tell me please."))
    return talk.run(3.0)


def said(talk: Talk) -> list[str]:
    return [each.text for each in talk.effects(do.Synthesize) if isinstance(each, do.Synthesize)]


def floor(talk: Talk) -> Floor:
    return talk.core.floor


def requests(talk: Talk) -> list[do.RequestReply]:
    return [each for each in talk.effects(do.RequestReply) if isinstance(each, do.RequestReply)]


# ---- a plain exchange ------------------------------------------------------------------


def test_the_greeting_is_spoken_at_once_and_then_it_is_the_callers_move() -> None:
    talk = Talk().start("Thanks for calling.")
    assert said(talk) == ["Thanks for calling."]
    assert floor(talk) is Floor.THINKING
    talk.run(0.5)
    assert floor(talk) is Floor.SPEAKING
    talk.run(2.0)
    assert floor(talk) is Floor.LISTENING
    assert talk.agent_turns[0].heard == "Thanks for calling."


def test_a_turn_is_answered_and_the_answer_heard() -> None:
    talk = Talk("Sure. What day works for you?").start()
    talk.caller(2.0, (1.5, "I need an oil change."))
    talk.run(8.0)
    assert talk.caller_turns == ["I need an oil change."]
    assert talk.agent_turns[-1].text == "Sure. What day works for you?"
    assert not talk.agent_turns[-1].interrupted
    assert talk.core.expects is Expectation.WHEN


def test_the_stages_of_an_answer_are_timed_from_the_end_of_the_callers_speech() -> None:
    talk = Talk("Sure.", settings=TurnSettings(speculate=False)).start("Hello.")
    end = talk.caller(2.0, (1.0, "I need an oil change."))
    talk.run(6.0)
    stages = talk.agent_turns[-1].stages_ms
    assert list(stages) == ["end_of_turn", "first_token", "first_audio"]
    assert stages["end_of_turn"] <= stages["first_token"] <= stages["first_audio"]
    heard_at = next(at for at in talk.times(do.PlayAudio) if at > end)
    assert stages["first_audio"] == pytest.approx((heard_at - end) * 1000, abs=110)


def test_the_history_is_redacted_and_the_reply_is_given_the_raw_words() -> None:
    def redact(text: str, expects: Expectation) -> str:
        return "[date of birth]" if expects is Expectation.DATE_OF_BIRTH else text

    talk = Talk(redact=redact).start("Your date of birth?", expects=Expectation.DATE_OF_BIRTH)
    talk.caller(2.5, (1.5, "April fourth nineteen eighty."))
    talk.run(5.0)
    request = requests(talk)[-1]
    assert request.heard == "April fourth nineteen eighty."
    assert [each.text for each in request.history if isinstance(each, CallerTurn)] == [
        "[date of birth]"
    ]


def test_a_call_may_begin_without_a_word() -> None:
    talk = Talk().start("")
    assert talk.effects(do.Synthesize) == []
    assert floor(talk) is Floor.LISTENING
    assert talk.items == ()


def test_a_second_start_changes_nothing() -> None:
    talk = Talk().start("Hello.").run(1.0)
    assert talk.tell(ev.CallStarted("Hello again.")) == []


def test_before_the_call_starts_nothing_is_waited_for() -> None:
    core = Conversation(redact=lambda text, expects: text)
    assert core.handle(ev.DeadlinePassed(), 5.0) == []
    assert core.deadline is None


# ---- barge-in ----------------------------------------------------------------------------


def test_a_barge_in_stops_the_agent_and_the_history_holds_what_was_heard() -> None:
    talk = answered(STORY)
    started = talk.times(do.PlayAudio)[-1]
    talk.caller(started + 1.5, (0.9, "Thursday is better for me."))
    talk.run(started + 7)
    assert len(talk.times(do.ClearPlayout)) == 1
    turn = next(each for each in talk.agent_turns if each.interrupted)
    assert turn.text.startswith("Your oil change")
    assert turn.heard
    assert turn.text.startswith(turn.heard)
    assert 1.0 <= len(turn.heard) * 0.065 <= 2.6
    assert talk.caller_turns[-1] == "Thursday is better for me."
    assert talk.agent_turns[-1].text == "Okay."


def test_a_barge_in_closes_the_stream_of_a_reply_still_being_made() -> None:
    talk = Talk().start("Hello.").run(2.0)
    talk.caller(2.0, (0.5, "Tell me."))
    talk.run(3.0)
    talk.lines.clear()
    request = requests(talk)[-1]
    talk.tell(ev.ReplyText(request.reply_id + 50, "stale"))
    talk.caller(talk.now, (0.5, "Book it please."))
    talk.run(talk.now + 0.9)
    live = requests(talk)[-1].reply_id
    talk._replies.discard(live)  # this mind streams by hand
    talk.tell(ev.ReplyText(live, STORY))
    talk.run(talk.now + 1.5)
    talk.caller(talk.now, (0.4, "stop"))
    talk.run(talk.now + 0.7)
    assert do.CancelReply(live) in [effect for _, effect in talk.log]
    assert talk.tell(ev.ReplyText(live, "More words. And more.")) == []


def test_a_barge_in_cancels_the_words_but_not_the_tool() -> None:
    talk = answered(Line("One moment, I will book that for you now.", tool="book"), tool_seconds=3)
    talk.caller(3.3, (0.5, "wait Thursday"))
    talk.run(9.0)
    uses = [item for item in talk.items if isinstance(item, ToolUse)]
    assert [use.result for use in uses] == ["{}"]
    final = requests(talk)[-1]
    assert "wait Thursday" in final.heard
    assert any(isinstance(item, ToolUse) and item.result for item in final.history)


def test_a_nod_leaves_no_gap_and_is_no_turn() -> None:
    talk = answered(STORY)
    talk.caller(4.0, (0.4, "mm-hm"))
    talk.run(14.0)
    assert talk.times(do.ClearPlayout) == []
    assert talk.caller_turns == ["Tell me please."]
    assert not talk.agent_turns[-1].interrupted


def test_a_long_noise_pauses_the_agent_and_it_goes_on_where_it_stopped() -> None:
    talk = answered(STORY)
    talk.noise(2.0, 0.2)
    talk.noise(4.0, 1.6)
    talk.run(20.0)
    assert len(talk.times(do.ClearPlayout)) == 1
    turn = next(each for each in talk.agent_turns if each.text.startswith("Your oil"))
    assert turn.heard == turn.text
    assert talk.caller_turns == ["Tell me please."]


def test_clauses_not_yet_made_are_asked_for_again_after_a_pause() -> None:
    talk = Talk(STORY, voice=0.15).start("Hello.")
    talk.caller(1.5, (0.5, "Tell me please."))
    talk.run(2.45)
    played = talk.times(do.PlayAudio)
    while talk.times(do.PlayAudio) == played:
        talk.run(talk.now + 0.01)
    core = talk.core
    core._moves.pause()
    request = requests(talk)[-1]
    core._moves.resume()
    effects = talk.tell(ev.DeadlinePassed())
    assert request.reply_id >= 1
    assert any(isinstance(each, do.Synthesize | do.PlayAudio) for each in effects)


def test_the_same_noise_does_not_pause_the_agent_twice() -> None:
    talk = answered(STORY)
    talk.noise(2.2, 0.2)
    talk.noise(4.0, 9.0)
    talk.run(24.0)
    assert len(talk.times(do.ClearPlayout)) == 1


def test_words_that_vanish_give_the_floor_back_and_the_rest_is_said() -> None:
    talk = answered(STORY)
    talk.at(4.0, ev.TranscriptHeard("two p m", final=False))
    talk.at(4.4, ev.TranscriptHeard("", final=True))
    talk.run(14.0)
    heard = " ".join(each.heard for each in talk.agent_turns)
    assert heard.endswith("about an hour.")
    assert talk.caller_turns == ["Tell me please."]
    assert len(requests(talk)) == len([each for each in requests(talk) if each.heard])


def test_a_reply_that_a_false_alarm_cancelled_is_asked_for_again() -> None:
    talk = Talk("Sure.", think=2.0).start("Hello.")
    talk.caller(1.5, (0.5, "Book it please."))
    talk.run(3.0)
    talk.at(3.2, ev.TranscriptHeard("two p m", final=False))
    talk.at(3.5, ev.TranscriptHeard("", final=True))
    talk.run(9.0)
    assert talk.caller_turns == ["Book it please."]
    assert talk.agent_turns[-1].heard == "Sure."


def test_a_double_interruption_comes_out_right() -> None:
    talk = answered(STORY, STORY, "Done.")
    talk.caller(4.0, (0.8, "what about Thursday"))
    talk.run(6.5)
    talk.caller(7.0, (0.8, "or rather on Friday"))
    talk.run(11.0)
    assert talk.caller_turns[1:] == ["what about Thursday", "or rather on Friday"]
    assert [turn.interrupted for turn in talk.agent_turns[1:]] == [True, True, False]


def test_a_yes_near_the_end_of_the_question_is_its_answer() -> None:
    talk = answered(Line(READ_BACK, Expectation.YES_NO), "Booked.")
    end = talk.audible_until
    talk.caller(end - 0.6, (0.3, "yes"))
    talk.run(end + 5)
    read_back = next(each for each in talk.agent_turns if each.text == READ_BACK)
    assert read_back.heard == READ_BACK
    assert talk.caller_turns[-1] == "yes"
    order = [each for each in talk.items if isinstance(each, AgentTurn | CallerTurn)]
    assert order.index(read_back) < order.index(order[-1])


def test_a_yes_in_the_middle_of_the_read_back_is_only_a_nod() -> None:
    talk = answered(Line(READ_BACK, Expectation.YES_NO))
    talk.caller(3.6, (0.3, "yes"))
    talk.run(8.5)
    assert talk.caller_turns == ["Tell me please."]


def test_the_agents_echo_is_ignored() -> None:
    talk = answered(STORY)
    started = talk.times(do.PlayAudio)[-1]
    talk.caller(started + 0.3, (1.9, "your oil change is on Tuesday"))
    talk.run(started + 12)
    assert talk.times(do.ClearPlayout) == []
    assert talk.caller_turns == ["Tell me please."]


def test_the_legal_sentence_is_heard_to_its_end_and_what_was_said_over_it_is_answered() -> None:
    talk = Talk("You can stop these calls.").start("This call is recorded.", uninterruptible=True)
    talk.caller(0.4, (0.4, "stop"))
    talk.run(6.0)
    assert talk.agent_turns[0].heard == "This call is recorded."
    assert talk.caller_turns == ["stop"]
    assert talk.agent_turns[-1].heard == "You can stop these calls."


def test_the_agents_first_word_waits_a_moment_for_a_caller_who_seems_to_speak() -> None:
    talk = Talk("Sure.", think=1.2).start("Hello.")
    talk.caller(1.5, (0.5, "Book it please."))
    talk.run(3.1)
    talk.noise(3.2, 0.5)
    talk.run(4.0)
    held = talk.times(do.PlayAudio)
    talk.run(8.0)
    assert len(talk.times(do.PlayAudio)) > len(held)
    assert talk.agent_turns[-1].heard == "Sure."


# ---- tools -------------------------------------------------------------------------------


def finish(talk: Talk, say: str | None, then: str) -> None:
    call_id = next(
        each.tool_call_id for each in talk.effects(do.RunTool) if isinstance(each, do.RunTool)
    )
    talk.tell(ev.ToolFinished(call_id, '{"ok":true}', say, then))


def with_tool(words: str = "", **facts: object) -> Talk:
    """A call with a tool at work at 3 s."""
    return answered(Line(words, tool="book"), tool_seconds=1e6, **facts)


def test_what_a_tool_says_is_spoken_word_for_word_without_a_model() -> None:
    talk = with_tool()
    asked = len(requests(talk))
    finish(talk, READ_BACK, "listen")
    talk.run(12.0)
    assert talk.agent_turns[-1].heard == READ_BACK
    assert talk.core.expects is Expectation.YES_NO
    assert len(requests(talk)) == asked


def test_the_next_reply_is_asked_for_while_earlier_words_still_play() -> None:
    talk = with_tool("I will have a look at the calendar for you.")
    assert floor(talk) is Floor.SPEAKING
    asked = len(requests(talk))
    finish(talk, None, "model")
    assert len(requests(talk)) == asked + 1
    assert requests(talk)[-1].heard == ""
    kinds = [type(item).__name__ for item in requests(talk)[-1].history]
    assert kinds == ["AgentTurn", "CallerTurn", "AgentTurn", "ToolUse"]


def test_the_call_is_hung_up_only_after_the_goodbye_was_played() -> None:
    talk = with_tool()
    finish(talk, "Thanks for calling, and goodbye.", "hang_up")
    talk.run(4.5)
    assert talk.times(do.CloseCall) == []
    end = talk.audible_until
    talk.run(20.0)
    assert talk.times(do.CloseCall) == [pytest.approx(end, abs=0.05)]
    assert floor(talk) is Floor.ENDED
    assert talk.core.deadline is None


def test_a_second_thought_over_the_goodbye_is_answered() -> None:
    talk = with_tool()
    finish(talk, "Thanks for calling, have a very good day, and goodbye.", "hang_up")
    talk.caller(4.0, (0.8, "oh wait one more thing"))
    talk.run(8.0)
    assert talk.times(do.CloseCall) == []
    assert talk.caller_turns[-1] == "oh wait one more thing"
    assert talk.agent_turns[-1].heard == "Okay."


def test_a_false_alarm_over_the_goodbye_does_not_keep_the_line_open() -> None:
    talk = with_tool()
    finish(talk, "Thanks for calling, have a very good day, and goodbye.", "hang_up")
    talk.at(4.0, ev.TranscriptHeard("two p m", final=False))
    talk.at(4.3, ev.TranscriptHeard("", final=True))
    talk.run(12.0)
    assert len(talk.times(do.CloseCall)) == 1


def test_a_question_of_a_tool_is_dropped_when_the_caller_has_changed_their_mind() -> None:
    talk = with_tool()
    talk.caller(3.2, (0.8, "make it Wednesday instead"))
    talk.run(5.0)
    finish(talk, READ_BACK, "listen")
    talk.run(9.0)
    assert READ_BACK.split(".")[0] not in " ".join(said(talk))
    assert requests(talk)[-1].heard == "make it Wednesday instead"


def test_a_caller_who_spoke_during_the_tool_is_not_hung_up_on() -> None:
    talk = with_tool()
    talk.caller(3.2, (0.8, "and can I get a loaner"))
    talk.run(5.0)
    finish(talk, "You're booked.", "hang_up")
    talk.run(12.0)
    assert talk.times(do.CloseCall) == []
    heard = [turn.heard for turn in talk.agent_turns]
    assert heard.index("You're booked.") < heard.index("Okay.")


def test_a_caller_who_asked_for_a_person_gets_one_whatever_they_say_meanwhile() -> None:
    talk = with_tool()
    talk.caller(3.2, (0.8, "are you still looking"))
    talk.run(5.0)
    finish(talk, "I'll put you through.", "hand_over")
    talk.run(9.0)
    assert talk.effects(do.CloseCall) == [do.CloseCall("hand_over")]


def test_private_arguments_never_enter_the_history() -> None:
    talk = Talk(think=1e6).start("Hello.").run(2.0)
    talk.caller(2.0, (0.5, "Book it please."))
    talk.run(3.5)
    reply_id = requests(talk)[-1].reply_id
    talk.tell(ev.ToolRequested(reply_id, "v1", "verify", '{"dob":"1985"}', private=True))
    assert talk.effects(do.RunTool) == [do.RunTool("v1", "verify", '{"dob":"1985"}')]
    uses = [item for item in talk.items if isinstance(item, ToolUse)]
    assert [use.arguments for use in uses] == ["[private]"]
    talk.tell(ev.ToolRequested(reply_id, "v1", "verify", "{}"))
    assert len(talk.effects(do.RunTool)) == 1


def test_a_slow_tool_is_covered_by_words_and_a_quick_one_is_not() -> None:
    fillers = Phrases(fillers={"book": ("Booking that now.", "Nearly there.")})
    settings = TurnSettings(phrases=fillers)
    quick = answered(Line("", tool="book"), tool_seconds=0.5, settings=settings)
    assert "Booking that now." not in said(quick.run(6.0))
    slow = answered(Line("", tool="book"), tool_seconds=9.0, settings=settings)
    slow.run(11.0)
    assert [text for text in said(slow) if text in fillers.fillers["book"]] == [
        "Booking that now.",
        "Nearly there.",
    ]


def test_without_words_for_it_a_slow_tool_is_waited_for_in_silence() -> None:
    settings = TurnSettings(phrases=Phrases())
    talk = answered(Line("", tool="book"), tool_seconds=4.0, settings=settings)
    before = said(talk)
    talk.run(5.5)
    assert said(talk) == before


def test_a_tool_that_never_comes_back_is_an_unknown_outcome_that_the_model_sees() -> None:
    talk = with_tool().run(30.0)
    uses = [item for item in talk.items if isinstance(item, ToolUse)]
    assert uses[0].result == '{"error":"unknown_outcome"}'
    finish(talk, "Booked after all.", "model")
    uses = [item for item in talk.items if isinstance(item, ToolUse)]
    assert uses[0].result == '{"ok":true}'
    assert "Booked after all." not in said(talk)


def test_tools_that_go_round_in_circles_are_ended_by_a_person() -> None:
    talk = answered(*[Line("", tool="book")] * 12, tool_seconds=0.01)
    talk.run(40.0)
    assert talk.effects(do.CloseCall) == [do.CloseCall("hand_over")]
    assert PHRASES.trouble in talk.agent_turns[-1].heard
    assert len(talk.effects(do.RunTool)) == TurnSettings().tool_steps


# ---- speculation ---------------------------------------------------------------------------


def test_a_speculative_reply_is_neither_heard_nor_acted_on_before_the_turn_is_over() -> None:
    talk = Talk(Line("Sure, I will do that.", tool="book"), think=0.0).start("Hello.").run(2.0)
    talk.at(2.5, ev.TranscriptHeard("I need an oil change.", final=True))
    talk.at(2.6, ev.EndExpected())
    talk.run(2.7)
    assert requests(talk)[0].speculative
    assert len(said(talk)) == 1
    assert talk.effects(do.RunTool) == []
    talk.at(2.8, ev.UtteranceEnded())
    talk.run(3.0)
    assert talk.effects(do.CommitReply) == [do.CommitReply(requests(talk)[0].reply_id)]
    assert len(talk.effects(do.RunTool)) == 1
    assert talk.caller_turns == ["I need an oil change."]


def test_a_speculative_reply_is_thrown_away_when_the_caller_goes_on() -> None:
    talk = Talk("Both, sure.").start("Hello.").run(2.0)
    talk.at(2.5, ev.TranscriptHeard("I need an oil change.", final=True))
    talk.at(2.6, ev.EndExpected())
    talk.at(2.9, ev.TranscriptHeard("and tires.", final=True))
    talk.at(3.2, ev.UtteranceEnded())
    talk.run(8.0)
    first = requests(talk)[0]
    assert do.CancelReply(first.reply_id) in talk.effects(do.CancelReply)
    assert talk.caller_turns == ["I need an oil change. and tires."]
    assert [turn.heard for turn in talk.agent_turns] == ["Hello.", "Both, sure."]


def test_a_failed_speculation_costs_nothing() -> None:
    talk = Talk(think=1e6).start("Hello.").run(2.0)
    talk.tell(ev.TranscriptHeard("I need an oil change.", final=True))
    talk.tell(ev.EndExpected())
    talk.tell(ev.ReplyFailed(requests(talk)[0].reply_id, "busy"))
    talk.tell(ev.UtteranceEnded())
    talk.run(3.0)
    assert talk.caller_turns == ["I need an oil change."]
    assert talk.effects(do.CommitReply) == [do.CommitReply(requests(talk)[-1].reply_id)]
    assert len(said(talk)) == 1


def test_speculation_has_a_limit_and_can_be_turned_off() -> None:
    talk = Talk(think=1e6).start("Hello.").run(2.0)
    for count in range(6):
        talk.tell(ev.TranscriptHeard(f"number {count}.", final=True))
        talk.tell(ev.EndExpected())
    assert len(requests(talk)) == TurnSettings().speculations
    plain = Talk(settings=TurnSettings(speculate=False)).start("Hello.").run(2.0)
    plain.tell(ev.TranscriptHeard("I need an oil change.", final=True))
    assert plain.tell(ev.EndExpected()) == []


# ---- what breaks ------------------------------------------------------------------------------


def test_a_reply_that_fails_is_asked_for_once_more_and_then_a_person_takes_over() -> None:
    talk = Talk(think=1e6).start("Hello.")
    talk.caller(1.5, (0.5, "Book it please."))
    talk.run(3.0)
    talk.tell(ev.ReplyFailed(requests(talk)[-1].reply_id, "gone"))
    talk.run(6.0)
    assert PHRASES.one_moment in said(talk)
    assert requests(talk)[-1].heard == "Book it please."
    talk.tell(ev.ReplyFailed(requests(talk)[-1].reply_id, "gone"))
    talk.run(16.0)
    assert talk.effects(do.CloseCall) == [do.CloseCall("hand_over")]


def test_a_reply_that_hangs_is_closed() -> None:
    talk = Talk(think=1e6).start("Hello.")
    talk.caller(1.5, (0.5, "Book it please."))
    talk.run(30.0)
    cancelled = {each.reply_id for each in talk.effects(do.CancelReply) if isinstance(each, do.CancelReply)}  # fmt: skip
    assert len(cancelled) >= 2
    assert talk.effects(do.CloseCall) == [do.CloseCall("hand_over")]


def test_an_empty_reply_is_not_silence() -> None:
    talk = answered(Line(""))
    talk.run(7.0)
    assert PHRASES.say_again in [turn.heard for turn in talk.agent_turns]


def test_a_blank_word_is_no_beginning() -> None:
    talk = Talk(think=1e6).start("Hello.")
    talk.caller(1.5, (0.5, "Book it please."))
    talk.run(3.0)
    reply_id = requests(talk)[-1].reply_id
    talk.tell(ev.ReplyText(reply_id, " \n"))
    talk.tell(ev.ReplyFinished(reply_id))
    talk.run(5.0)
    assert talk.agent_turns[-1].text == PHRASES.say_again


def test_what_a_failed_reply_had_said_stands() -> None:
    talk = Talk(think=1e6).start("Hello.")
    talk.caller(1.5, (0.5, "Book it please."))
    talk.run(3.0)
    reply_id = requests(talk)[-1].reply_id
    talk.tell(ev.ReplyText(reply_id, "I can do that."))
    talk.tell(ev.ReplyFailed(reply_id, "gone"))
    talk.run(6.0)
    assert talk.agent_turns[-1].heard == "I can do that."
    assert talk.times(do.CloseCall) == []


def first_clause(talk: Talk) -> int:
    return next(
        each.clause_id for each in talk.effects(do.Synthesize) if isinstance(each, do.Synthesize)
    )


def test_a_clause_that_fails_is_made_once_more() -> None:
    talk = Talk(voice=1e6).start("Hello.")
    talk.tell(ev.SpeechFailed(first_clause(talk), "gone"))
    assert said(talk) == ["Hello.", "Hello."]
    talk.tell(ev.SpeechFailed(first_clause(talk), "stale"))
    assert len(said(talk)) == 2


def test_a_voice_that_fails_twice_apologises_and_hands_over() -> None:
    talk = Talk(voice=1e6).start("Hello.")
    talk.tell(ev.SpeechFailed(1, "gone"))
    talk.tell(ev.SpeechFailed(2, "gone"))
    assert " ".join(said(talk)[2:]) == PHRASES.trouble
    talk.tell(ev.SpeechFailed(3, "gone"))
    talk.tell(ev.SpeechFailed(5, "gone"))
    assert talk.effects(do.CloseCall) == [do.CloseCall("hand_over")]


def test_a_voice_that_hangs_is_asked_again_then_given_up() -> None:
    talk = Talk(voice=1e6).start("Hello.").run(6.0)
    assert said(talk) == ["Hello.", "Hello."]
    talk.run(30.0)
    assert talk.effects(do.CloseCall) == [do.CloseCall("hand_over")]


def test_a_clause_that_breaks_off_after_some_audio_is_not_begun_again() -> None:
    talk = Talk(voice=1e6).start("Hello there, dear caller.")
    talk.tell(ev.ClauseAudio(1, b"\xff" * 4000))
    talk.tell(ev.SpeechFailed(1, "gone"))
    assert said(talk)[1:] != ["Hello there, dear caller."]
    assert " ".join(said(talk)[1:]) == PHRASES.trouble


def test_lost_marks_are_replaced_by_the_clock() -> None:
    talk = Talk(voice=1e6).start("Hello.")
    talk.tell(ev.ClauseAudio(1, b"\xff" * 8000))
    core = talk.core
    for effect in core.handle(ev.ClauseFinished(1), talk.now):
        assert effect == do.PlaceMark("clause-1")
    talk.run(1.5)
    assert floor(talk) is Floor.SPEAKING
    talk.run(3.5)
    assert floor(talk) is Floor.LISTENING
    assert talk.agent_turns[0].heard == "Hello."


def test_an_endpoint_that_never_comes_does_not_strand_the_call() -> None:
    talk = Talk().start("Hello.").run(1.0)
    talk.at(1.5, ev.SpeechStarted())
    talk.at(2.0, ev.TranscriptHeard("I need an oil change", final=True))
    talk.run(8.0)
    assert talk.caller_turns == ["I need an oil change"]
    assert talk.agent_turns[-1].heard == "Okay."


def test_an_interim_without_its_final_is_taken_and_the_late_final_not_heard_twice() -> None:
    talk = Talk("Sure.").start("Hello.").run(1.0)
    talk.at(1.5, ev.SpeechStarted())
    talk.at(2.0, ev.TranscriptHeard("I need an oil change", final=False))
    talk.at(2.1, ev.SpeechStopped())
    talk.run(3.5)
    assert talk.caller_turns == ["I need an oil change"]
    talk.tell(ev.TranscriptHeard("I need an oil change.", final=True))
    talk.tell(ev.UtteranceEnded("utterance_end"))
    talk.run(8.0)
    assert talk.caller_turns == ["I need an oil change"]


def test_the_recogniser_is_asked_for_its_final_words_unless_it_is_at_them_already() -> None:
    talk = Talk().start("Hello.").run(1.0)
    talk.tell(ev.SpeechStarted())
    talk.run(2.0)
    assert do.FinalizeHearing() not in talk.tell(ev.SpeechStopped(0.24, words_follow=True))
    talk.tell(ev.SpeechStarted())
    talk.run(3.0)
    assert do.FinalizeHearing() in talk.tell(ev.SpeechStopped())


def test_silence_after_words_that_look_whole_begins_a_reply_at_once() -> None:
    talk = Talk("Sure.", settings=TurnSettings(speculations=1)).start("Hello.").run(1.0)
    talk.tell(ev.SpeechStarted())
    talk.tell(ev.TranscriptHeard("I need", final=False))
    talk.run(2.0)
    assert talk.tell(ev.SpeechStopped(0.2)) == [do.FinalizeHearing()]
    (guess,) = talk.tell(ev.TranscriptHeard("I need an oil change.", final=True))
    assert isinstance(guess, do.RequestReply)
    assert guess.speculative


def test_a_whole_interim_is_not_waited_for_again_when_the_line_goes_quiet() -> None:
    talk = Talk("Sure.").start("Hello.").run(1.0)
    talk.tell(ev.SpeechStarted())
    asked = talk.tell(ev.TranscriptHeard("I need an oil change.", final=False))
    assert [type(each) for each in asked] == [do.RequestReply]
    talk.tell(ev.ReplyFailed(asked[0].reply_id, "a fault"))  # type: ignore[union-attr]
    again = talk.tell(ev.SpeechStopped(0.2))
    assert [type(each) for each in again] == [do.FinalizeHearing, do.RequestReply]


def test_words_still_on_their_way_are_waited_for() -> None:
    talk = Talk("Sure.").start("Hello.").run(1.0)
    talk.at(1.5, ev.SpeechStarted())
    talk.at(2.3, ev.SpeechStopped(0.24, words_follow=True))
    talk.at(2.4, ev.TranscriptHeard("My car is loud", final=True))
    talk.at(2.5, ev.SpeechStarted())
    talk.at(3.5, ev.SpeechStopped(0.6, words_follow=True))
    talk.at(3.7, ev.TranscriptHeard("It needs new brakes.", final=True))
    talk.at(3.7, ev.UtteranceEnded("vad"))
    talk.run(8.0)
    assert talk.caller_turns == ["My car is loud It needs new brakes."]


def test_lost_hearing_is_waited_for_and_then_a_person_takes_over() -> None:
    talk = Talk().start("Hello.").run(1.0)
    talk.tell(ev.HearingLost())
    talk.tell(ev.HearingLost())
    talk.run(9.0)
    talk.tell(ev.HearingRestored())
    talk.run(14.0)
    assert talk.times(do.CloseCall) == []
    talk.tell(ev.HearingLost())
    talk.run(40.0)
    assert PHRASES.cannot_hear in talk.agent_turns[-1].heard
    assert talk.effects(do.CloseCall) == [do.CloseCall("hand_over")]


def test_hearing_lost_for_good_is_said_at_once_and_only_once() -> None:
    talk = Talk().start("Hello.").run(1.0)
    talk.tell(ev.HearingLost(for_good=True))
    talk.tell(ev.HearingLost(for_good=True))
    talk.run(12.0)
    assert [turn.heard for turn in talk.agent_turns] == ["Hello.", PHRASES.cannot_hear]


# ---- silence, keys, the end ---------------------------------------------------------------------


def test_a_silent_caller_is_asked_twice_and_then_told_goodbye() -> None:
    talk = Talk().start("Hello.").run(60.0)
    assert [turn.heard for turn in talk.agent_turns] == [
        "Hello.",
        PHRASES.still_there,
        PHRASES.hold_on,
        PHRASES.idle_goodbye,
    ]
    assert talk.effects(do.CloseCall) == [do.CloseCall("hang_up")]


def test_noise_on_the_line_does_not_keep_the_call_waiting_for_ever() -> None:
    talk = Talk().start("Hello.").run(1.0)
    talk.tell(ev.SpeechStarted())
    talk.run(60.0)
    assert talk.effects(do.CloseCall) == [do.CloseCall("hang_up")]


def test_a_caller_who_needs_time_gets_it() -> None:
    talk = Talk().start("Hello.").run(1.0)
    talk.tell(ev.PaceChanged(2.0))
    talk.run(11.0)
    assert PHRASES.still_there not in said(talk)
    talk.run(14.0)
    assert PHRASES.still_there in said(talk)


@pytest.mark.parametrize(
    ("keys", "expects", "words"),
    [
        ("3135550147", Expectation.PHONE, "3135550147"),
        ("1", Expectation.YES_NO, "yes"),
        ("0", Expectation.OPEN, "I'd like to speak to a person."),
    ],
)
def test_keys_become_a_turn_of_the_caller(keys: str, expects: Expectation, words: str) -> None:
    talk = Talk().start("Please press keys, dear caller.", expects=expects).run(4.0)
    for key in keys:
        talk.tell(ev.KeyPressed(key))
    assert talk.caller_turns == [words]
    assert requests(talk)[-1].heard == words


def test_a_number_left_unfinished_is_taken_after_a_while() -> None:
    talk = Talk().start("Your phone number?", expects=Expectation.PHONE).run(3.0)
    for key in "313555":
        talk.tell(ev.KeyPressed(key))
    talk.run(5.0)
    assert talk.caller_turns == []
    talk.run(7.0)
    assert talk.caller_turns == ["313555"]


def test_a_key_stops_the_agent_like_a_word_and_is_an_answer_even_if_it_means_yes() -> None:
    talk = answered(Line(READ_BACK, Expectation.YES_NO))
    talk.run(4.0)
    talk.tell(ev.KeyPressed("1"))
    assert len(talk.times(do.ClearPlayout)) == 1
    assert talk.caller_turns[-1] == "yes"


@pytest.mark.parametrize(
    ("expects", "keys"),
    [(Expectation.ZIP, "48201"), (Expectation.PHONE, "3135550147"), (Expectation.CODE, "123456")],
)
@pytest.mark.parametrize("after", [0.1, 0.6])
def test_a_hash_behind_a_number_that_is_whole_takes_nothing_back(
    expects: Expectation, keys: str, after: float
) -> None:
    talk = Talk("Thank you.").start("Press the digits, please.", expects=expects).run(3.0)
    for key in keys:
        talk.tell(ev.KeyPressed(key))
    talk.run(3.0 + after)
    talk.tell(ev.KeyPressed("#"))
    talk.run(6.0)
    assert talk.caller_turns == [keys]
    assert [turn.heard for turn in talk.agent_turns][1:] == ["Thank you."]
    assert talk.times(do.ClearPlayout) == []


def test_a_call_does_not_last_for_ever() -> None:
    settings = TurnSettings(longest_call=30.0, still_there=1000.0)
    talk = Talk(settings=settings).start("Hello.").run(60.0)
    assert talk.agent_turns[-1].heard == PHRASES.time_is_up
    assert talk.effects(do.CloseCall) == [do.CloseCall("hand_over")]


def test_a_close_from_outside_is_said_first_and_not_stopped_by_the_caller() -> None:
    talk = answered(STORY)
    talk.tell(ev.CloseRequested("hand_over", "A colleague takes over now, please hold the line."))
    talk.caller(talk.now + 0.5, (0.5, "no wait stop"))
    talk.run(16.0)
    assert talk.agent_turns[-1].heard == "A colleague takes over now, please hold the line."
    assert talk.effects(do.CloseCall) == [do.CloseCall("hand_over")]


def test_a_close_without_words_is_at_once() -> None:
    talk = Talk().start("Hello.").run(2.0)
    assert talk.tell(ev.CloseRequested("hang_up")) == [do.CloseCall("hang_up")]


def test_a_caller_who_hangs_up_leaves_what_was_said_and_heard() -> None:
    talk = answered(STORY)
    talk.run(4.0)
    talk.tell(ev.SpeechStarted())
    talk.tell(ev.TranscriptHeard("thanks", final=False))
    talk.tell(ev.CallEnded())
    assert talk.agent_turns[-1].interrupted
    assert talk.caller_turns[-1] == "thanks"
    assert floor(talk) is Floor.ENDED
    assert talk.tell(ev.TranscriptHeard("hello?", final=True)) == []


def test_after_the_end_only_a_tools_result_is_still_noted() -> None:
    talk = with_tool()
    talk.tell(ev.CallEnded())
    finish(talk, "You're booked.", "model")
    last = talk.log[-1][1]
    assert isinstance(last, do.RecordTurn)
    assert isinstance(last.item, ToolUse)
    assert last.item.result == '{"ok":true}'


@pytest.mark.parametrize(
    "stale",
    [
        ev.ReplyText(99, "x"),
        ev.ToolRequested(99, "t", "book", "{}"),
        ev.ReplyFinished(99),
        ev.ReplyFailed(99, "x"),
        ev.ToolFinished("t99", "{}"),
        ev.ClauseAudio(99, b"x"),
        ev.ClauseFinished(99),
        ev.SpeechFailed(99, "x"),
        ev.MarkReached("clause-99"),
        ev.UtteranceEnded("utterance_end"),
        ev.EndExpected(),
        ev.SpeechStopped(),
        ev.KeyPressed("#"),
        ev.TranscriptHeard("", final=True),
    ],
)
def test_what_no_longer_matters_is_ignored(stale: ev.Event) -> None:
    talk = Talk().start("Hello.").run(2.0)
    effects: Callable[[], list[do.Effect]] = lambda: talk.tell(stale)  # noqa: E731
    assert [each for each in effects() if not isinstance(each, do.FinalizeHearing)] == []
