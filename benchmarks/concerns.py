"""How well concerns are matched, on callers' phrases that were labelled by hand.

Rules: labels were given to the phrases alone, before the matcher had seen them, and stand
in `concern_labels.tsv` by a hash, because the phrases are not ours to copy. A phrase counts
as right when the (at most two) services found hold one that was labelled for each thing
wanted. Without the phrases beside the project the benchmark says so and measures nothing.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Figure, table
from scheduling.matching import Matcher
from scheduling.triage import judge, plain_words

ROOT = Path(__file__).resolve().parent.parent
LABELS = Path(__file__).resolve().parent / "concern_labels.tsv"
PHRASES = ROOT.parent / "shared" / "eval" / "taskmaster1_auto_slots.json"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A phrase with what a person made of it."""

    phrase: str
    wanted: tuple[frozenset[str], ...]
    on_menu: bool
    judged: bool
    triage: str
    held: bool


def load() -> list[Labelled]:
    """The labelled phrases; empty where the phrases are not at hand."""
    if not PHRASES.exists():
        return []
    phrases = {plain_words(text) for text in json.loads(PHRASES.read_text())["appt_reason"]}
    by_hash = {hashlib.sha256(text.encode()).hexdigest()[:16]: text for text in phrases}
    with LABELS.open() as file:
        rows = csv.DictReader((line for line in file if line[0] != "#"), delimiter="\t")
        return [_labelled(by_hash[row["phrase"]], row) for row in rows if row["phrase"] in by_hash]


def _labelled(phrase: str, row: dict[str, str]) -> Labelled:
    """One row with its phrase."""
    services = row["services"]
    return Labelled(
        phrase=phrase,
        wanted=tuple(frozenset(group.split("/")) for group in services.split("+")),
        on_menu=services not in ("-", "?"),
        judged=services != "?",
        triage=row["triage"],
        held=row["set"] == "held",
    )


def matcher() -> Matcher:
    """The matcher of the menu as it is shipped."""
    rows = json.loads((ROOT / "fixtures" / "menu.json").read_text())
    return Matcher((row["pk"], row["fields"]["aliases"]) for row in rows)


def is_right(item: Labelled, ops: tuple[str, ...]) -> bool:
    """Whether everything wanted is among the services found."""
    found = set(ops)
    # The bundle is both of its parts.
    found |= {"LOF-S", "ROT"} if "LOFROT" in found else set()
    return all(group & found for group in item.wanted)


def figures(items: list[Labelled], *, show: bool) -> Iterator[Figure]:
    """The figures that are promised, and those that keep them honest."""
    found = {item.phrase: matched for item in items if (matched := ENGINE.match(item.phrase))}
    asked = [item for item in items if item.on_menu]
    right = [item for item in asked if is_right(item, found[item.phrase].ops)]
    unsafe = [item for item in items if item.triage == "unsafe"]
    caught = [item for item in unsafe if judge(item.phrase) == "unsafe"]
    calm = [item for item in items if item.judged and item.triage != "unsafe"]
    alarms = [item for item in calm if judge(item.phrase) == "unsafe"]
    strange = [item for item in items if item.judged and not item.on_menu]
    sure = [item for item in strange if found[item.phrase].certain]
    asks = [item for item in asked if not found[item.phrase].certain]
    if show:  # of the phrases that may be looked at
        wrong = [item for item in asked if item not in right and not item.held]
        _show([(item, found[item.phrase]) for item in wrong], unsafe, alarms, sure)
    yield Figure("phrases labelled", len(items), "", 300, lower_is_better=False)
    yield Figure("top-2 right", 100 * len(right) / len(asked), "%", 90, lower_is_better=False)
    held = [item for item in asked if item.held]
    held_right = [item for item in held if item in right]
    yield Figure(
        "top-2 right, matches never looked at",
        100 * len(held_right) / len(held), "%", 90, lower_is_better=False,
    )  # fmt: skip
    yield Figure("unsafe found", 100 * len(caught) / len(unsafe), "%", 100, lower_is_better=False)
    yield Figure("unsafe phrases", len(unsafe), "")
    yield Figure("false alarms among the safe", 100 * len(alarms) / len(calm), "%", 5)
    yield Figure("sure of a service where there is none", 100 * len(sure) / len(strange), "%")
    yield Figure("asks which of two", 100 * len(asks) / len(asked), "%")


def _show(
    wrong: list[tuple[Labelled, object]],
    unsafe: list[Labelled],
    alarms: list[Labelled],
    sure: list[Labelled],
) -> None:
    """Print what went wrong, for whoever works on the matcher."""
    for item, matched in wrong:
        print("WRONG ", item.phrase[:90], "|", ["/".join(sorted(g)) for g in item.wanted], matched)
    for item in unsafe:
        if judge(item.phrase) != "unsafe":
            print("MISSED", item.phrase)
    for item in sure:
        print("SURE  ", item.phrase, ENGINE.match(item.phrase).ops)
    for item in alarms:
        print("ALARM ", item.phrase)


def main() -> int:
    """Print the table; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description="Concern matching on hand-labelled phrases.")
    parser.add_argument("--quick", action="store_true", help="accepted; it is quick anyway")
    parser.add_argument("--show", action="store_true", help="print what is matched wrongly")
    options = parser.parse_args()
    items = load()
    if not items:
        print("The callers' phrases are not beside the project; nothing is measured.")
        return 0
    return 0 if table("Concern matching", list(figures(items, show=options.show))) else 1


ENGINE = matcher()

if __name__ == "__main__":
    sys.exit(main())
