"""How often spoken dates and times come out exactly right, and how long hearing takes.

    python -m benchmarks.normalisers [--errors]

Reads `../shared/eval/sgd_datetime.tsv` (Schema-Guided Dialogue, CC BY-SA 4.0, said on
2019-03-01) and `nlupp_datetime.tsv` (NLU++, CC BY 4.0, said on 2022-03-15 at 09:00).
A phrase is right when the one day or time that stands for it equals the gold value.
"Weighted" counts a phrase of the first file as often as people said it. A phrase is
read alone, as the gold value is, with the "until" before it where there is one, since
"until May" is the end of May.
"""

import argparse
import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report import Figure, percentile, table
from voice.dialogue import heard

EVAL = Path(__file__).resolve().parent.parent.parent / "shared" / "eval"
FILES = (
    ("sgd_datetime.tsv", datetime(2019, 3, 1, 9, tzinfo=UTC)),
    ("nlupp_datetime.tsv", datetime(2022, 3, 15, 9, tzinfo=UTC)),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A phrase, its gold value, how often it was said and in which utterance."""

    file: str
    kind: str
    text: str
    gold: str
    times_said: int
    utterance: str
    now: datetime


def read_rows(folder: Path = EVAL) -> Iterator[Row]:
    """All rows of both files."""
    for name, now in FILES:
        with (folder / name).open() as file:
            for line in csv.DictReader(file, delimiter="\t"):
                said, whole = int(line.get("n") or 1), line.get("utterance") or ""
                yield Row(name[:-4], line["kind"], line["text"], line["gold"], said, whole, now)


def hear(row: Row) -> str | None:
    """What we make of a row, as its gold value is written."""
    if row.kind == "time":
        clock = heard.parse_time(row.text, row.now)
        return clock.at.strftime("%H:%M") if clock and clock.at else None
    value = heard.parse_date(f"{_lead(row)} {row.text}", row.now.date())
    return value.likeliest.isoformat() if value else None


def _lead(row: Row) -> str:
    """ "until", where that stands before the phrase: "until May" is the end of May."""
    before = row.utterance.partition(row.text)[0].split()
    return before[-1] if before and before[-1] in ("until", "till") else ""


def figures(rows: list[Row]) -> list[Figure]:
    """Shares of exact matches, apart for dates and times, and the time it takes."""
    right, seconds = {}, []
    for row in rows:
        begun = time.thread_time()
        right[row] = hear(row) == row.gold
        seconds.append((time.thread_time() - begun) * 1000)
    found = []
    for kind in ("date", "time"):
        for file in (*dict.fromkeys(row.file for row in rows), ""):
            some = [row for row in rows if row.kind == kind and file in ("", row.file)]
            name = f"{kind}s, {file or 'both'}, {len(some)} rows"
            found.append(_share(name, [(right[row], 1) for row in some]))
        weighted = [(right[row], row.times_said) for row in rows if row.kind == kind]
        found.append(_share(f"{kind}s, weighted", weighted))
    return [*found, Figure("processor time p95", percentile(seconds, 0.95), "ms", 1)]


def _share(name: str, results: list[tuple[bool, int]]) -> Figure:
    total = sum(weight for _, weight in results)
    hit = sum(weight for ok, weight in results if ok)
    return Figure(name, 100 * hit / max(1, total), "%", 97, lower_is_better=False)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same: it takes a second")
    parser.add_argument("--errors", action="store_true", help="list what is wrong")
    options = parser.parse_args()
    if not (EVAL / FILES[0][0]).exists():
        print(f"no outside data at {EVAL}: nothing measured")
        return
    rows = list(read_rows())
    for row in rows if options.errors else ():
        if (got := hear(row)) != row.gold:
            print(
                f"{row.file} {row.kind}: {row.text!r} is {row.gold}, heard {got}; {row.utterance}"
            )
    table("normalisers", figures(rows))


if __name__ == "__main__":
    main()
