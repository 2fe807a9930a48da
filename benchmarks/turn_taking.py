"""Interruptions told apart, turns not cut off, and the core against a hostile world.

Pure arithmetic on events: no audio, no network, no clock. The overlaps are scripted
calls: the agent is saying something, the caller is heard, and the right reaction is
known. The hesitations are turns with pauses in them, and dictated numbers. The recogniser
of the scripts behaves as Deepgram does with `endpointing` 300: onset and silence known
after 100 ms, words 200 ms after they are spoken, one at a time. Each script also runs
with words that come later, without voice activity of our own, and as the recogniser that
is built in hears.

    python -m benchmarks.turn_taking [--quick] [--runs 20000]
"""

import argparse
import csv
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hesitations import HESITATIONS, Hesitation
from benchmarks.overlaps import AGENT, EXPECTS, OVERLAPS, SURE_COMMANDS, Overlap, Right
from benchmarks.report import Figure, percentile, table
from voice.core import effects as do
from voice.core.endpointing import Endpointing
from voice.core.history import CallerTurn, Expectation
from voice.core.overlap import judge, words_of
from voice.core.timing import TurnSettings
from voice.tests.core.talk import SECONDS_PER_CHARACTER, Ear, Line, Talk
from voice.tests.core.world import BrokenPromise, run_world

EARS = {
    "usual": Ear(),
    "slow words": Ear(interim_lag=0.45, final_lag=0.15),
    "no voice activity": Ear(has_own_vad=False, interim_lag=0.3),
    "built in": Ear(tail=0.24, endpointing=0.24, interim_lag=0.3, final_lag=0.15, cause="vad"),
}
PUBLISHED = Ear(interim_lag=0.0, final_lag=0.0, tail=0.1)
"""Endpointing 300 ms; the first token (350 ms) and audio (150 ms) are `Talk`'s own delays."""
PLAIN = (
    "I need an oil change.", "Can I come in on Thursday?", "My brakes are squeaking.",
    "I'd like to reschedule my appointment.", "What time do you open?", "It's a Honda CR-V.",
    "The check engine light is on.", "How much is a tire rotation?", "I want to cancel my visit.",
    "Do you have loaner cars?", "Tuesday morning works for me.", "It's making a grinding noise.",
    "I have a question about my bill.", "Could someone call me back?", "Is my car ready yet?",
    "I'd like to book a service.", "My name is Dana Ruiz.", "I'm calling about a recall.",
    "Do you do state inspections?", "My battery died this morning.",
)  # fmt: skip
EVAL = Path(__file__).resolve().parents[2] / "shared" / "eval"
NODDING = {"affirm", "acknowledge", "thank", "yes", "thank_you"}
EXCHANGES_BEFORE = (0, 2)
"""Each turn with pauses is heard as the first of its call, and after some others."""
QUESTION = "Oil change, Tuesday, November twenty-fourth at nine thirty, for Dana. Is that right?"
GOODBYE = "You're all set for Tuesday at nine thirty. Thanks for calling, and have a great day."
LEGAL = "This is an automated call from Bart's Automotive about your visit. It may be recorded."


@dataclass(frozen=True)
class Reaction:
    """What the agent did about an overlap."""

    is_right: bool
    stopped_after: float | None
    """Seconds from the caller's first sound to the clear."""
    gap: float
    """Seconds in which the agent was silent and should not have been."""


def react(overlap: Overlap, ear: Ear) -> Reaction:
    """Run one overlap as a call."""
    talk, begins, text = _agent_speaks(overlap, ear)
    length = len(text) * SECONDS_PER_CHARACTER
    onset = begins + (overlap.at if overlap.at >= 0 else length + overlap.at)
    if overlap.words is None:
        talk.noise(onset, overlap.seconds)
    else:
        talk.caller(onset, (overlap.seconds, overlap.words), confidence=overlap.confidence)
    talk.run(onset + max(length, overlap.seconds) + 8)
    return _judge(talk, overlap, onset, begins + length, text)


def _agent_speaks(overlap: Overlap, ear: Ear) -> tuple[Talk, float, str]:
    """A call in which the agent begins to say a text at a known time."""
    if overlap.legal:
        talk = Talk(ear=ear, voice=0.0).start(LEGAL, uninterruptible=True)
        return talk, 0.0, LEGAL
    text = QUESTION if overlap.question else GOODBYE if overlap.goodbye else AGENT
    line = Line(text, EXPECTS[overlap.question], tool="goodbye" if overlap.goodbye else None)
    talk = Talk(line, ear=ear, think=0.0, voice=0.0, tools={"goodbye": "hang_up"})
    talk.start("Hello.").run(1.5)
    talk.caller(1.5, (0.5, "Book it."))
    talk.run(1.5)
    for _ in range(100):
        if talk.begun(text):
            break
        talk.run(talk.now + 0.05)
    return talk, talk.times(do.PlayAudio)[-len(talk.clauses_of(text))], text


def _judge(talk: Talk, overlap: Overlap, onset: float, end: float, text: str) -> Reaction:
    clears = [at for at in talk.times(do.ClearPlayout) if at >= onset]
    turn = next((each for each in talk.agent_turns if each.text.startswith(text[:30])), None)
    whole = turn is not None and not turn.interrupted
    heard_in_all = " ".join(each.heard for each in talk.agent_turns)
    said_all = words_of(heard_in_all)[-5:] == words_of(text)[-5:] or whole
    answered = bool(overlap.words) and words_of(overlap.words or "") == words_of(
        " ".join(talk.caller_turns[0 if overlap.legal else 1 :])
    )
    right = {
        Right.GO_ON: not clears and whole and (overlap.goodbye or not answered),
        Right.RESUME: said_all and not answered,
        Right.STOP: bool(clears) and answered,
        Right.ANSWER: not clears and whole and answered,
    }[overlap.right]
    gap = max(0.0, talk.finished_at(text) - end) if overlap.right is Right.RESUME else 0.0
    return Reaction(right, clears[0] - onset if clears else None, gap)


def overlaps(verbose: bool) -> list[Figure]:
    """Every overlap with every ear."""
    rows, sure = [], []
    kinds = list(dict.fromkeys(overlap.kind for overlap in OVERLAPS))
    results = [(each, react(each, ear), name) for name, ear in EARS.items() for each in OVERLAPS]
    for kind in kinds:
        right = [reaction.is_right for overlap, reaction, _ in results if overlap.kind == kind]
        rows.append(Figure(f"{kind} ({len(right)})", 100 * sum(right) / len(right), "%"))
    for overlap, reaction, name in results:
        if overlap.kind == "command" and overlap.words in SURE_COMMANDS:
            sure.append(reaction.is_right)
        if verbose and not reaction.is_right:
            print(f"  wrong: {overlap.kind}: {overlap.words!r} {overlap.seconds:.2f} s, {name}")
    right = [reaction.is_right for _, reaction, _ in results]
    stops = [
        1000 * reaction.stopped_after
        for overlap, reaction, name in results
        if overlap.right is Right.STOP and reaction.stopped_after and name == "usual"
    ]
    gaps = [1000 * reaction.gap for overlap, reaction, _ in results if overlap.kind == "noise"]
    total = 100 * sum(right) / len(right)
    return [
        Figure(
            f"right reaction ({len(OVERLAPS)} overlaps, {len(EARS)} ears)", total, "%", 97, False
        ),
        Figure(f"stop, no, wait ({len(sure)})", 100 * sum(sure) / len(sure), "%", 100, False),
        *rows,
        Figure("first sound to clear, p50", percentile(stops, 0.5), "ms"),
        Figure("first sound to clear, p95", percentile(stops, 0.95), "ms"),
        Figure("gap after long noise, p95", percentile(gaps, 0.95), "ms"),
    ]


@dataclass(frozen=True)
class Listening:
    """How a turn with pauses was heard."""

    talked_over: bool
    """Whether the agent was heard before the caller had finished."""
    split: bool
    """Whether the turn was taken before it was over (and taken back, if not talked over)."""
    added_wait: float
    """Seconds from the last sound to the decision that the turn is over."""


def listen(turn: Hesitation, ear: Ear, *, before: int = 0) -> Listening:
    """Run one turn with pauses as a call, after so many short exchanges."""
    asked = [*[Expectation.YES_NO] * before, turn.expects]
    lines = [Line("And what is it?", expects) for expects in asked]
    talk = Talk(*lines[1:], ear=ear).start(lines[0].text, expects=asked[0])
    begins = 3.0
    for _ in range(before):
        talk.caller(begins, (0.6, "Yes please."))
        talk.run(begins + 2.8)
        begins += 2.9  # sooner than anybody pauses for in a turn
    end = talk.caller(begins, *turn.pieces)
    talk.run(end + 8)
    audio = [at for at in talk.times(do.PlayAudio) if at > begins]
    turns = [at for at, effect in talk.log if isinstance(effect, do.RecordTurn) and at > begins
             and isinstance(effect.item, CallerTurn)]  # fmt: skip
    last = turns[-1] if turns else end + 8
    return Listening(bool(audio) and audio[0] < end, len(turns) > 1, last - end)


def hesitations(verbose: bool) -> list[Figure]:
    """Every turn with pauses, with every ear."""
    results = [
        (turn, listen(turn, ear, before=before), name)
        for name, ear in EARS.items()
        for turn in HESITATIONS
        for before in EXCHANGES_BEFORE
    ]
    rows = []
    for kind in dict.fromkeys(turn.kind for turn in HESITATIONS):
        waits = [1000 * heard.added_wait for turn, heard, _ in results if turn.kind == kind]
        rows.append(
            Figure(f"end of speech to end of turn, {kind}, p50", percentile(waits, 0.5), "ms")
        )
    if verbose:
        for turn, heard, name in results:
            if heard.talked_over or heard.split:
                how = "talked over" if heard.talked_over else "split"
                print(f"  {how}: {' / '.join(w or str(s) for s, w in turn.pieces)} ({name})")
    over = 100 * sum(heard.talked_over for _, heard, _ in results) / len(results)
    split = 100 * sum(heard.split for _, heard, _ in results) / len(results)
    waits = [1000 * heard.added_wait for _, heard, _ in results]
    return [
        Figure(f"cut off: the agent spoke too early ({len(results)} turns)", over, "%", 2),
        Figure("taken too early, then taken back unheard", split, "%"),
        Figure("end of speech to end of turn, p50", percentile(waits, 0.5), "ms"),
        Figure("end of speech to end of turn, p95", percentile(waits, 0.95), "ms"),
        *rows,
    ]


def outside() -> list[Figure]:
    """Sentences of real customers from two public collections, said over the agent.

    All but thanks, agreement and the like must take the floor.
    """
    missed, total = 0, 0
    for name, column in (("nlupp_intents.tsv", "intents"), ("clinc_near.tsv", "intent")):
        path = EVAL / name
        if not path.exists():
            print(f"  {name} is not there: its sentences are left out")
            continue
        with path.open(newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                if not NODDING & set(row[column].split("|")):
                    total += 1
                    missed += not judge(row["text"], agent_words=AGENT.split()).takes_floor
    if not total:
        return []
    share = 100 * (total - missed) / total
    figure = Figure(f"outside sentences that take the floor ({total})", share, "%", 97, False)
    return [figure, *_cut_outside()]


def _cut_outside() -> list[Figure]:
    """The same people's sentences, cut anywhere in their middle, as they would be by a pause.

    A recogniser's punctuation is taken away: this is what the words alone can tell.
    """
    path = EVAL / "nlupp_intents.tsv"
    if not path.exists():
        return []
    with path.open(newline="") as lines:
        texts = [row["text"].split() for row in csv.DictReader(lines, delimiter="\t")]
    texts = [words for words in texts if len(words) >= 5]
    chance, pace = random.Random(1), Endpointing()
    cuts = [words[: int(len(words) * chance.uniform(0.45, 0.7))] for words in texts]
    waited = [pace.hold(Expectation.OPEN, _bare(words)) >= 0.8 for words in cuts]
    quick = [pace.hold(Expectation.OPEN, _bare(words)) < 0.8 for words in texts]
    return [
        Figure(f"outside sentences cut anywhere, waited for ({len(cuts)})", _share(waited), "%"),
        Figure("outside sentences that are whole, not delayed", _share(quick), "%"),
    ]


def _bare(words: list[str]) -> str:
    return " ".join(words).rstrip(".,?!")


def _share(facts: list[bool]) -> float:
    return 100 * sum(facts) / len(facts)


def answers() -> list[Figure]:
    """End of speech to first audio, with the delays that providers publish, added up by the core."""
    rows = []
    for speculate in (False, True):
        waits, thrown = [], 0
        for sentence in PLAIN:
            talk = Talk("Sure.", ear=PUBLISHED, settings=TurnSettings(speculate=speculate))
            talk.start("Hello.").run(1.0)
            end = talk.caller(1.5, (0.28 * len(sentence.split()), sentence))
            talk.run(end + 4)
            waits.append(1000 * (next(at for at in talk.times(do.PlayAudio) if at > 1.5) - end))
            thrown += len(talk.times(do.CancelReply))
        how = "with speculation" if speculate else "without speculation"
        limits = (600, 750) if speculate else (830, 900)
        rows += [
            Figure(
                f"end of speech to first audio, {how}, p50", percentile(waits, 0.5), "ms", limits[0]
            ),
            Figure(
                f"end of speech to first audio, {how}, p95",
                percentile(waits, 0.95),
                "ms",
                limits[1],
            ),
            Figure(f"replies thrown away a turn, {how}", thrown / len(PLAIN), "replies"),
        ]
    return rows


def fuzz(runs: int) -> list[Figure]:
    """Random calls against the core's promises."""
    broken = 0
    began = time.perf_counter()
    for seed in range(runs):
        try:
            run_world(seed)
        except BrokenPromise as promise:
            broken += 1
            print(f"  broken promise, seed {seed}: {promise}")
    seconds = time.perf_counter() - began
    return [
        Figure("random calls", runs, "calls"),
        Figure("broken promises, or calls that do not come to rest", broken, "calls", 0),
        Figure("random calls a second", runs / seconds, "1/s"),
    ]


def main() -> int:
    """Print all tables. 0 where every promise is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="300 random calls")
    parser.add_argument("--runs", type=int, default=20_000, help="random calls")
    parser.add_argument("--verbose", action="store_true", help="print what went wrong")
    options = parser.parse_args()
    rows = [
        *overlaps(options.verbose),
        *outside(),
        *hesitations(options.verbose),
        *answers(),
        *fuzz(300 if options.quick else options.runs),
    ]
    return 0 if table("Turn-taking", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
