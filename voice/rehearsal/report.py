"""What a rehearsal came to: figures, and a report to read in a browser.

Rules: pass^k is the share of tasks of which all of the first k trials passed, the
figure that counts for a service that must not be lucky.
"""

import html
import json
import statistics
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from voice.rehearsal.grade import Grade
from voice.rehearsal.tasks import Task


def figures(grades: Sequence[Grade], tasks: Sequence[Task]) -> dict[str, Any]:
    """The figures of a run, per flow and in all. Seconds are call time."""
    by_task: dict[str, list[Grade]] = defaultdict(list)
    for grade in grades:
        by_task[grade.task].append(grade)
    trials = min((len(runs) for runs in by_task.values()), default=0)
    flows = {task.id: task.flow for task in tasks}
    return {
        "tasks": len(by_task),
        "trials": trials,
        "runs": len(grades),
        "passed": sum(grade.passed for grade in grades),
        "pass_hat": {str(k): _pass_hat(by_task, k) for k in range(1, trials + 1)},
        "flows": _per_flow(grades, flows),
        "booking_median_s": {
            flow: _median(grades, flows, flow) for flow in ("new_customer", "existing_customer")
        },
        "failed": sorted({grade.task for grade in grades if not grade.passed}),
    }


def _pass_hat(by_task: dict[str, list[Grade]], k: int) -> float:
    """Mean over tasks of the chance that k trials drawn from its runs all pass."""
    shares = []
    for runs in by_task.values():
        n, c = len(runs), sum(grade.passed for grade in runs)
        share = 1.0
        for i in range(k):
            share *= max(0, c - i) / (n - i)
        shares.append(share)
    return round(sum(shares) / len(shares), 4) if shares else 0.0


def _per_flow(grades: Sequence[Grade], flows: dict[str, str]) -> dict[str, Any]:
    groups: dict[str, list[Grade]] = defaultdict(list)
    for grade in grades:
        groups[flows.get(grade.task, "")].append(grade)
    return {
        flow: {
            "runs": len(runs),
            "passed": sum(grade.passed for grade in runs),
            "median_s": round(statistics.median(grade.seconds for grade in runs), 1),
        }
        for flow, runs in sorted(groups.items())
    }


def _median(grades: Sequence[Grade], flows: dict[str, str], flow: str) -> float:
    """Of the calls that ended in a booking."""
    booked = [
        grade.seconds
        for grade in grades
        if flows.get(grade.task) == flow and grade.passed and "You're all set" in grade.transcript
    ]
    return round(statistics.median(booked), 1) if booked else 0.0


def write(folder: Path, grades: Sequence[Grade], summary: dict[str, Any], title: str) -> None:
    """`<title>.json` and `<title>.html` in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = [
        {
            "task": g.task,
            "trial": g.trial,
            "passed": g.passed,
            "reasons": g.reasons,
            "seconds": round(g.seconds, 1),
            "voice": g.voice,
            "answers_ms": g.answers_ms,
            "transcript": g.transcript,
        }
        for g in grades
    ]
    (folder / f"{title}.json").write_text(json.dumps({"summary": summary, "runs": runs}, indent=1))
    (folder / f"{title}.html").write_text(_page(grades, summary, title))


def _page(grades: Sequence[Grade], summary: dict[str, Any], title: str) -> str:
    rows = "".join(_row(grade) for grade in sorted(grades, key=lambda g: (g.passed, g.task)))
    head = (
        f"<h1>{html.escape(title)}</h1><p>{summary['tasks']} tasks, {summary['trials']} trials; "
        f"pass^k: {html.escape(json.dumps(summary['pass_hat']))}; median call of a booking: "
        f"{html.escape(json.dumps(summary['booking_median_s']))} s</p>"
    )
    style = (
        "body{font:15px system-ui;margin:2em;max-width:70em}summary{cursor:pointer}"
        "pre{white-space:pre-wrap;background:#f4f4f4;padding:1em}.no{color:#b00}.yes{color:#070}"
    )
    return (
        f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title>"
        f"<style>{style}</style>{head}{rows}"
    )


def _row(grade: Grade) -> str:
    mark, kind = ("passed", "yes") if grade.passed else ("failed", "no")
    reasons = html.escape("; ".join(grade.reasons))
    return (
        f"<details><summary><b class={kind}>{mark}</b> {html.escape(grade.task)} "
        f"#{grade.trial}, {grade.seconds:.0f} s {reasons}</summary>"
        f"<pre>{html.escape(grade.transcript)}</pre></details>"
    )
