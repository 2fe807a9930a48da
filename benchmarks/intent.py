"""How often the intent is right on phrases that nobody of this project wrote.

    python -m benchmarks.intent [--quick] [--errors]

Reads `../shared/eval/clinc_near.tsv` (CLINC150, CC BY 3.0; its test split and its
out-of-scope rows count) and `nlupp_intents.tsv` (NLU++, CC BY 4.0). Their intents are
mapped to ours below; where ours has two names that would serve the caller equally
(a flat battery: advice or emergency), both count. A row of NLU++ counts when at
least one of its labels has a counterpart here: it is right when the leading intent is
one of those, or, where other labels of the row are a bank's or a hotel's business (on
which no intent of ours can be judged), when one of those is among the intents found.
Nothing of these files is used in training.
"""

import argparse
import csv
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Figure, table
from voice.dialogue.intent import Intent, IntentHeard, classify, load

EVAL = Path(__file__).resolve().parent.parent.parent / "shared" / "eval"
I = Intent  # noqa: E741 - a table of names reads better so

CLINC: dict[str, set[Intent]] = {
    "accept_reservations": {I.SHOP_INFO, I.OUT_OF_SCOPE},
    "are_you_a_bot": {I.WHO_ARE_YOU},
    "calendar": {I.OUT_OF_SCOPE, I.MY_APPOINTMENT},
    "calendar_update": {I.OUT_OF_SCOPE, I.BOOK, I.CANCEL, I.MY_APPOINTMENT},
    "cancel": {I.NEVER_MIND, I.CANCEL},
    "cancel_reservation": {I.CANCEL},
    "car_rental": {I.OTHER_DEPARTMENT},
    "change_language": {I.LANGUAGE},
    "confirm_reservation": {I.CONFIRM},
    "directions": {I.SHOP_INFO, I.OUT_OF_SCOPE},
    "gas_type": {I.CAR_ADVICE},
    "goodbye": {I.GOODBYE},
    "greeting": {I.GREETING},
    "insurance": {I.OUT_OF_SCOPE, I.OTHER_DEPARTMENT},
    "jump_start": {I.CAR_ADVICE, I.EMERGENCY},
    "last_maintenance": {I.SERVICE_HISTORY},
    "make_call": {I.OUT_OF_SCOPE, I.MESSAGE, I.HUMAN},
    "maybe": {I.UNSURE},
    "meeting_schedule": {I.OUT_OF_SCOPE, I.MY_APPOINTMENT},
    "mpg": {I.CAR_ADVICE},
    "no": {I.DENY},
    "oil_change_how": {I.CAR_ADVICE},
    "oil_change_when": {I.SERVICE_DUE, I.SERVICE_HISTORY},
    "oos": {I.OUT_OF_SCOPE},
    "reminder": {I.OUT_OF_SCOPE},
    "repeat": {I.REPEAT},
    "restaurant_reservation": {I.BOOK, I.OUT_OF_SCOPE},
    "schedule_maintenance": {I.BOOK},
    "schedule_meeting": {I.BOOK, I.OUT_OF_SCOPE, I.MY_APPOINTMENT},
    "thank_you": {I.THANKS},
    "tire_change": {I.SERVICE_DUE, I.CAR_ADVICE},
    "tire_pressure": {I.CAR_ADVICE},
    "what_can_i_ask_you": {I.CAPABILITIES},
    "what_is_your_name": {I.WHO_ARE_YOU},
    "yes": {I.AFFIRM},
}
NLUPP: dict[str, set[Intent]] = {
    "acknowledge": {I.AFFIRM},
    "affirm": {I.AFFIRM},
    "deny": {I.DENY},
    "dont_know": {I.UNSURE},
    "end_call": {I.GOODBYE},
    "greet": {I.GREETING},
    "handoff": {I.HUMAN},
    "repeat": {I.REPEAT},
    "thank": {I.THANKS},
}
# What is done to a visit: only together with one of `_VISITS`. A hotel's booking of a
# room or a table is a booking to us as well as none of our business.
_ACTIONS: dict[str, set[Intent]] = {
    "cancel_close_leave_freeze": {I.CANCEL},
    "change": {I.RESCHEDULE},
    "make_open_apply_setup_get_activate": {I.BOOK},
}
_VISITS = {"appointment", "booking"}


@dataclass(frozen=True, slots=True)
class Row:
    """One utterance, what counts as right, and where it comes from."""

    source: str
    label: str
    text: str
    wanted: frozenset[Intent]
    other_business: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """A row and what was made of it."""

    row: Row
    heard: IntentHeard
    seconds: float  # of processor time: the machine may be busy with others

    @property
    def right(self) -> bool:
        """See the module's rules."""
        wanted = self.row.wanted
        if not self.row.other_business:
            return self.heard.intent in wanted
        return any(self.heard.includes(intent) for intent in wanted)


def read_clinc(path: Path, splits: set[str]) -> Iterator[Row]:
    """The rows of those splits."""
    with path.open() as file:
        for line in csv.DictReader(file, delimiter="\t"):
            if line["split"] in splits:
                wanted = frozenset(CLINC[line["intent"]])
                yield Row("clinc", line["intent"], line["text"], wanted)


def read_nlupp(path: Path) -> Iterator[Row]:
    """The rows with a counterpart."""
    with path.open() as file:
        for line in csv.DictReader(file, delimiter="\t"):
            labels = set(line["intents"].split("|"))
            wanted = {intent for label in labels for intent in NLUPP.get(label, ())}
            known = set(NLUPP)
            if labels & _VISITS:
                known |= _VISITS | set(_ACTIONS)
                wanted |= {intent for label in labels for intent in _ACTIONS.get(label, ())}
                if "booking" in labels and wanted & {I.BOOK, I.RESCHEDULE, I.CANCEL}:
                    wanted.add(I.OUT_OF_SCOPE)
            if wanted:
                yield Row(
                    "nlupp", line["intents"], line["text"], frozenset(wanted), bool(labels - known)
                )


def run(rows: list[Row]) -> list[Result]:
    """Every row classified, timed."""
    results = []
    for row in rows:
        begun = time.thread_time()
        heard = classify(row.text)
        results.append(Result(row, heard, time.thread_time() - begun))
    return results


def _share(results: list[Result]) -> float:
    return 100 * sum(result.right for result in results) / max(1, len(results))


def figures(results: list[Result]) -> list[Figure]:
    """What is promised, measured."""
    oos = [r for r in results if r.row.label == "oos"]
    clinc = [r for r in results if r.row.source == "clinc" and r.row.label != "oos"]
    nlupp = [r for r in results if r.row.source == "nlupp"]
    handoff = [r for r in nlupp if "handoff" in r.row.label.split("|")]
    found = sum(r.heard.includes(I.HUMAN) for r in handoff)
    false_alarms = [r for r in results if I.HUMAN not in r.row.wanted and r.heard.includes(I.HUMAN)]
    times = sorted(r.seconds * 1000 for r in results)
    return [
        Figure(f"CLINC test, {len(clinc)} rows", _share(clinc), "%", 95, lower_is_better=False),
        Figure(f"NLU++, {len(nlupp)} rows", _share(nlupp), "%", 95, lower_is_better=False),
        Figure("both together", _share(clinc + nlupp), "%", 95, lower_is_better=False),
        Figure(
            f"a person asked for and found, {len(handoff)} rows",
            100 * found / max(1, len(handoff)),
            "%",
            98,
            lower_is_better=False,
        ),
        Figure("a person not asked for, all rows", 100 * len(false_alarms) / len(results), "%", 1),
        Figure(f"out of scope, {len(oos)} rows", _share(oos), "%", 85, lower_is_better=False),
        Figure("processor time p50", times[len(times) // 2], "ms", 10),
        Figure("processor time p95", times[int(len(times) * 0.95)], "ms", 10),
    ]


def print_errors(results: list[Result]) -> None:
    """Every wrong row, by label."""
    wrong: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        if not result.right:
            wrong[f"{result.row.source} {result.row.label}"].append(result)
    for label, rows in sorted(wrong.items(), key=lambda item: -len(item[1])):
        print(label, len(rows), Counter(str(r.heard.intent) for r in rows).most_common(5))
        for result in rows:
            print(f"    {result.heard.intent} {result.heard.confidence:.2f}  {result.row.text}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every fifth row")
    parser.add_argument("--errors", action="store_true", help="list what is wrong")
    parser.add_argument("--splits", default="test,oos_test", help="splits of CLINC to use")
    options = parser.parse_args()
    if not (EVAL / "clinc_near.tsv").exists():
        print(f"no outside data at {EVAL}: nothing measured")
        return
    load()
    rows = list(read_clinc(EVAL / "clinc_near.tsv", set(options.splits.split(","))))
    rows += read_nlupp(EVAL / "nlupp_intents.tsv")
    results = run(rows[::5] if options.quick else rows)
    if options.errors:
        print_errors(results)
    table("intent", figures(results))


if __name__ == "__main__":
    main()
