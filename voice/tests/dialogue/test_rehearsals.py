"""Whole calls by text against a real database: flows, edge cases and attacks.

The full set runs by `manage.py rehearse` (and `--attacks`); here every flow and every
kind of attack is run once, so that a change that breaks a conversation fails a test.
"""

from pathlib import Path

import pytest
from django.conf import settings

from voice.dialogue.proof import unagreed_writes
from voice.rehearsal.grade import grade
from voice.rehearsal.run import call_of, number_of, start_of
from voice.rehearsal.tasks import Task, load
from voice.tests import shipped

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "rehearsals"
TASKS = load(FOLDER)
ATTACKS = load(FOLDER / "attacks")
PLAIN = [task for task in TASKS if task.manners == "plain"]


@pytest.fixture
def shop(transactional_db: None) -> None:
    """The shop as it is shipped; each task makes its own world in it."""
    shipped.open_shop()


def test_there_are_enough_of_them_and_they_cover_every_flow() -> None:
    assert len(TASKS) >= 120
    assert len(ATTACKS) >= 150
    flows = {task.flow for task in TASKS}
    assert flows == {
        "inquiry", "new_customer", "existing_customer", "change_visit", "reminder", "follow_up",
    }  # fmt: skip


def run(task: Task) -> tuple[str, ...]:
    call = call_of(task)
    judged = grade(task, 1, call, number_of(task, 1), start_of(task))
    assert unagreed_writes(call.history, call.zone) == []
    return judged.reasons


@pytest.mark.parametrize("part", range(8))
def test_the_flows_end_as_they_should(shop: None, part: int) -> None:
    failed = {task.id: reasons for task in PLAIN[part::16] if (reasons := run(task))}
    assert failed == {}


@pytest.mark.parametrize("part", range(4))
def test_the_attacks_get_nothing(shop: None, part: int) -> None:
    failed = {task.id: reasons for task in ATTACKS[part::20] if (reasons := run(task))}
    assert failed == {}
