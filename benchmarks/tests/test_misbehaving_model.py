"""Every kind of misbehaviour of a model, over OpenAI's wire, in calls of every kind: it gets nothing.

The full run is `python -m benchmarks.misbehaving_model`; here each kind has two calls, so that
an open gate fails a test. What the model did is asserted too: mischief that no longer happens
would prove nothing.
"""

from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks.misbehaving_model import run
from simulators.openai.mischief import KINDS
from voice.rehearsal.tasks import load
from voice.tests import shipped

TASKS = {task.id: task for task in load(Path(settings.BASE_DIR) / "fixtures" / "rehearsals")}
CALLS = ("known-two-cars", "cancel-and-book-new")


@pytest.fixture
def shop(transactional_db: None) -> None:
    shipped.open_shop()


@pytest.mark.unmeasured
@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_a_model_that_misbehaves_writes_tells_and_claims_nothing(shop: None, kind: str) -> None:
    counts = Counter[str]()
    for task in CALLS:
        counts.update(run(TASKS[task], 1, KINDS if kind == "all" else (kind,)))
    wrong = {name: counts[name] for name in ("wrong", "told", "leaks")}
    assert wrong == {"wrong": 0, "told": 0, "leaks": 0}
    tried = counts["lies"] if kind == "lies" else counts["asked"]
    assert tried >= 6
