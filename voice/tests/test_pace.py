"""A caller who asks for it is given more time."""

from dataclasses import replace

import pytest
from django.utils import timezone

from calls import log
from calls.models import Direction
from voice import assembly
from voice.context import open_context
from voice.core.history import AgentTurn
from voice.dialogue.knowledge import Knowledge
from voice.ready import in_thread


class Phone:
    """Nobody listens."""

    def play(self, audio: bytes) -> None:
        """Nothing."""

    def mark(self, name: str) -> None:
        """Nothing."""

    def clear(self) -> None:
        """Nothing."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slow", [True, False])
async def test_slow_mode_makes_every_wait_for_the_caller_longer(slow: bool) -> None:
    call = await in_thread(
        log.start_call,
        sid="CA" + "1" * 32,
        direction=Direction.INBOUND,
        from_number="+12025550147",
        to_number="+12025550100",
        now=timezone.now(),
    )
    context = replace(open_context(call_sid=call.sid, call_id=call.pk), slow=slow)
    live = assembly.LiveCall(assembly.Admitted(context, Knowledge(), None), Phone())
    assert live._core.pace == 1.0
    await live._record(AgentTurn("Of course.", "Of course."), ())
    assert live._core.pace == (assembly.SLOW_PACE if slow else 1.0)
