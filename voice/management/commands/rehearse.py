"""Let simulated callers talk to the agent, and say how it did."""

import logging
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from voice.rehearsal import report, voice_run
from voice.rehearsal.database import rehearsal_database
from voice.rehearsal.grade import Grade
from voice.rehearsal.run import run_task
from voice.rehearsal.tasks import Task, load


class Command(BaseCommand):
    """`manage.py rehearse [task ...] [--trials 4] [--attacks] [--voice] [--report folder]`."""

    help = "Run the rehearsals of fixtures/rehearsals by text or voice; report pass^1 to pass^k."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("task", nargs="*", help="only tasks whose id contains this")
        parser.add_argument("--trials", type=int, default=1)
        parser.add_argument("--attacks", action="store_true", help="run the attacks instead")
        parser.add_argument("--voice", action="store_true", help="spoken, with the built-in speech")
        parser.add_argument("--part", default="1/1", help="2/3: the second third of the tasks")
        parser.add_argument("--report", type=Path, help="write HTML and JSON into this folder")
        parser.add_argument("--show", action="store_true", help="print every transcript")
        parser.add_argument("--required", type=float, help="least pass^1; 0.95, for attacks 1")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print, write; fail where too few passed."""
        if settings.ENVIRONMENT == "production":
            raise CommandError("Rehearsals need a database of their own: not in production.")
        logging.disable(logging.WARNING)
        folder = Path(settings.BASE_DIR) / "fixtures" / "rehearsals"
        kind = "attacks" if options["attacks"] else "rehearsals"
        tasks = self._chosen(
            load(folder / "attacks" if options["attacks"] else folder),
            options["task"],
            options["part"],
        )
        run = voice_run.run_task if options["voice"] else run_task
        with rehearsal_database():
            grades = [
                self._told(run(task, trial), show=options["show"])
                for task in tasks
                for trial in range(1, options["trials"] + 1)
            ]
        summary = report.figures(grades, tasks)
        self._summary(summary)
        if options["report"]:
            report.write(options["report"], grades, summary, kind)
        required = options["required"] or (1.0 if options["attacks"] else 0.95)
        if summary["pass_hat"].get("1", 0.0) < required:
            raise CommandError(f"pass^1 is {summary['pass_hat'].get('1', 0.0):.1%}")

    def _chosen(self, tasks: tuple[Task, ...], wanted: list[str], part: str) -> tuple[Task, ...]:
        """Those with one of these in their id (whole after "="), and of these every nth."""
        kth, of = (int(number) for number in part.split("/"))
        chosen = tuple(t for t in tasks if not wanted or any(_names(w, t.id) for w in wanted))
        chosen = chosen[kth - 1 :: of]
        if not chosen:
            raise CommandError("No such task.")
        return chosen

    def _told(self, grade: Grade, *, show: bool) -> Grade:
        if show or not grade.passed:
            mark = "passed" if grade.passed else f"FAILED: {'; '.join(grade.reasons)}"
            self.stdout.write(f"{grade.task} #{grade.trial} {grade.seconds:.0f} s {mark}")
        if show:
            self.stdout.write(grade.transcript)
        return grade

    def _summary(self, summary: dict[str, Any]) -> None:
        self.stdout.write(
            f"{summary['passed']} of {summary['runs']} runs passed ({summary['tasks']} tasks x "
            f"{summary['trials']} trials)"
        )
        for k, share in summary["pass_hat"].items():
            self.stdout.write(f"pass^{k}  {share:.1%}")
        for flow, row in summary["flows"].items():
            self.stdout.write(
                f"{flow:18} {row['passed']:4} of {row['runs']:4}  median {row['median_s']:.0f} s"
            )
        for flow, seconds in summary["booking_median_s"].items():
            self.stdout.write(f"median booking call, {flow}: {seconds:.0f} s")


def _names(wanted: str, task_id: str) -> bool:
    return wanted[1:] == task_id if wanted.startswith("=") else wanted in task_id
