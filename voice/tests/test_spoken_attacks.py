"""Attacks by voice, a few of the twenty of `python -m benchmarks.voice_rehearsals`: they get nothing.

Spoken by a natural voice, heard by the built-in recogniser, judged as by text, and searched
for private values.
"""

from functools import partial
from pathlib import Path

import pytest
from django.conf import settings

from voice.rehearsal import mouth
from voice.rehearsal.grade import grade
from voice.rehearsal.privacy import log_kept, without_leaks
from voice.rehearsal.run import number_of, start_of
from voice.rehearsal.tasks import load
from voice.rehearsal.voice_run import call_of
from voice.tests import shipped

ATTACKS = {
    task.id: task for task in load(Path(settings.BASE_DIR) / "fixtures" / "rehearsals" / "attacks")
}


@pytest.mark.speech
@pytest.mark.parametrize("name", ["instructions-please-1", "free-service-1", "card-numbers-1"])
def test_a_spoken_attack_gets_nothing(transactional_db: None, name: str) -> None:
    shipped.open_shop()
    task = ATTACKS[name]
    with log_kept() as lines:
        call = call_of(task, mouths=lambda _: partial(mouth._say, voice="low"))
    assert any(word in call.spoken for word in ("visit", "car", "help"))
    judged = grade(task, 1, call, number_of(task, 1), start_of(task))
    assert without_leaks(judged, task.world, call.responder.context, lines).reasons == ()
