"""The world against the core: it must keep its promises, and the world must notice if not."""

import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from voice.core import effects as do
from voice.core import overlap, playout
from voice.core.errands import Errands
from voice.core.hearing import Hearing
from voice.core.history import Expectation
from voice.core.moves import Moves
from voice.core.pending import Yielded
from voice.core.playout import Playout
from voice.core.replying import Thinking
from voice.core.speaking import Speaking
from voice.tests.core.world import MOVES, BrokenPromise, World, run_world

CHANCE = st.randoms(use_true_random=False)


class AnyCall(RuleBasedStateMachine):
    """Any sequence of moves; what Hypothesis finds, it makes short."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @initialize(chance=CHANCE)
    def begin(self, chance: random.Random) -> None:
        self.world.start(chance)

    @rule(move=st.sampled_from(sorted(set(MOVES), key=lambda move: move.__name__)), chance=CHANCE)
    def move(self, move: Callable[[World, random.Random], None], chance: random.Random) -> None:
        move(self.world, chance)

    def teardown(self) -> None:
        self.world.come_to_rest()


def test_every_call_keeps_its_promises_and_comes_to_rest() -> None:
    many = settings(
        max_examples=300,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,  # the same calls every time; the benchmark goes further
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(AnyCall, settings=many)


@pytest.mark.parametrize("block", range(3))
def test_long_random_calls_keep_their_promises(block: int) -> None:
    run_worlds(range(block * 100, block * 100 + 100))


# ---- bugs planted on purpose ---------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def play_stale_audio(patch: pytest.MonkeyPatch) -> None:
    real = Speaking.audio

    def audio(self: Speaking, clause_id: int, audio: bytes, now: float) -> None:
        if self._playout.find(clause_id) is None:
            self._emit(do.PlayAudio(clause_id, audio))
        real(self, clause_id, audio, now)

    patch.setattr(Speaking, "audio", audio)


def forget_tools_on_barge_in(patch: pytest.MonkeyPatch) -> None:
    real = Moves.yield_floor

    def yield_floor(self: Moves) -> None:
        real(self)
        self.thinking.tools.clear()

    patch.setattr(Moves, "yield_floor", yield_floor)


def count_cut_words_as_heard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(playout, "_end_of_words", lambda text, share: len(text))


def speak_before_the_turn_is_over(patch: pytest.MonkeyPatch) -> None:
    real = Thinking.speculate

    def speculate(self: Thinking, *args: Any) -> None:
        real(self, *args)
        assert self.reply is not None
        self.reply.speculative = False

    patch.setattr(Thinking, "speculate", speculate)


def wait_for_lost_marks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Playout, "overdue_at", None)


def wait_for_a_lost_endpoint(patch: pytest.MonkeyPatch) -> None:
    real = Hearing.over_at

    def over_at(self: Hearing, expects: Expectation) -> float | None:
        return None if self.silent_since is None and not self.typed else real(self, expects)

    patch.setattr(Hearing, "over_at", over_at)


def hear_late_finals_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Hearing, "_without_late", lambda self, text, now, final: text)


def hang_up_in_the_middle_of_the_goodbye(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Moves, "is_quiet", lambda self: not self.thinking.busy)


def leave_the_stream_of_a_stopped_reply_open(patch: pytest.MonkeyPatch) -> None:
    def cancel(self: Thinking) -> bool:
        had, self.reply = self.reply is not None, None
        return had

    patch.setattr(Thinking, "cancel", cancel)


def forget_a_receipt_when_the_caller_speaks(patch: pytest.MonkeyPatch) -> None:
    real = Errands.note

    def note(self: Errands, event: Any, *, overtaken: bool) -> None:
        if not overtaken:
            real(self, event, overtaken=False)
        self._then = self._then or "model"

    patch.setattr(Errands, "note", note)


def let_the_legal_sentence_be_stopped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Speaking, "interruptible", True)


def fall_silent_after_a_false_alarm(patch: pytest.MonkeyPatch) -> None:
    def take_floor_back(self: Moves, yielded: Yielded) -> None:
        self.yielded = None

    patch.setattr(Moves, "take_floor_back", take_floor_back)
    real = Moves._take_turn

    def take_turn(self: Moves) -> None:
        real(self)
        self.thinking.owed = False

    patch.setattr(Moves, "_take_turn", take_turn)


def run_a_tool_as_often_as_it_is_asked_for(patch: pytest.MonkeyPatch) -> None:
    real = Thinking._run

    def run(self: Thinking, *args: Any) -> None:
        self._seen_tools.clear()
        real(self, *args)

    patch.setattr(Thinking, "_run", run)


def wait_for_a_reply_for_ever(patch: pytest.MonkeyPatch) -> None:
    real = Thinking._begin

    def begin(self: Thinking, now: float) -> Any:
        reply = real(self, now)
        reply.due = now + 1e6
        return reply

    patch.setattr(Thinking, "_begin", begin)
    patch.setattr(Moves, "give_up", lambda self, phrase: None)


def keep_private_words(patch: pytest.MonkeyPatch) -> None:
    real = Moves.__init__

    def init(self: Moves, redact: Any, *args: Any) -> None:
        real(self, lambda text, expects: text, *args)

    patch.setattr(Moves, "__init__", init)


def stop_for_nods(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overlap, "_NODS", frozenset())


def not_stop_for_one_word(patch: pytest.MonkeyPatch) -> None:
    real = overlap.judge

    def judge(text: str, **facts: Any) -> Any:
        short = len(text.split()) < 2
        return overlap.Overlap.UNCLEAR if short else real(text, **facts)

    patch.setattr("voice.core.barge_in.judge", judge)


def answer_a_turn_twice(patch: pytest.MonkeyPatch) -> None:
    real = Thinking.begin_turn

    def begin_turn(self: Thinking, *args: Any) -> Any:
        held = real(self, *args)
        self.owed = True
        self.reply = None
        return held

    patch.setattr(Thinking, "begin_turn", begin_turn)


def run_worlds(seeds: Iterable[int]) -> None:
    for seed in seeds:
        run_world(seed)


PLANTED: tuple[Plant, ...] = (
    play_stale_audio,
    forget_tools_on_barge_in,
    count_cut_words_as_heard,
    speak_before_the_turn_is_over,
    wait_for_lost_marks,
    wait_for_a_lost_endpoint,
    hear_late_finals_twice,
    hang_up_in_the_middle_of_the_goodbye,
    leave_the_stream_of_a_stopped_reply_open,
    forget_a_receipt_when_the_caller_speaks,
    let_the_legal_sentence_be_stopped,
    fall_silent_after_a_false_alarm,
    run_a_tool_as_often_as_it_is_asked_for,
    keep_private_words,
    stop_for_nods,
    not_stop_for_one_word,
    answer_a_turn_twice,
)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_world_notices_a_planted_bug(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(BrokenPromise):
        run_worlds(range(300))
