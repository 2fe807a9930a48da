"""How a benchmark tells what it found: a table, a file, an exit code.

Rules: a figure has a unit and, where something was promised, a limit; the ratio to
the limit is printed, so that a regression shows before it breaks a promise. Results
are written as JSON with the machine they were taken on.
"""

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `limit` None means that nothing was promised."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    lower_is_better: bool = True

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        if self.limit is None:
            return True
        return self.value <= self.limit if self.lower_is_better else self.value >= self.limit

    @property
    def ratio(self) -> float | None:
        """Share of the limit that is used: below 1 is good, whichever way is better."""
        if self.limit is None:
            return None
        top, bottom = (self.value, self.limit) if self.lower_is_better else (self.limit, self.value)
        return top / bottom if bottom else None


def percentile(values: list[float], share: float) -> float:
    """The value that `share` (0 to 1) of the sorted values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values were measured")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(title: str, rows: list[Figure], name: str = "") -> bool:
    """Print the rows and write `results/<name or calling module>.json`.

    True where every promise is kept.
    """
    shown = Table(title=title, title_justify="left")
    for heading, side in (("what", "left"), ("value", "right"), ("limit", "right"), ("of limit", "right")):  # fmt: skip
        shown.add_column(heading, justify="right" if side == "right" else "left")
    for row in rows:
        limit = "" if row.limit is None else f"{_number(row.limit)} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:.0%}" + ("" if row.holds else "  MISSED")
        shown.add_row(row.name, f"{_number(row.value)} {row.unit}", limit, ratio)
    Console(width=110 if not sys.stdout.isatty() else None).print(shown)
    _write(title, rows, name or (Path(sys.argv[0]).stem if sys.argv[0] else "figures"))
    return all(row.holds for row in rows)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _write(title: str, rows: list[Figure], name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    kept = {
        "title": title,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "figures": [asdict(row) | {"holds": row.holds} for row in rows],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=2) + "\n")
