"""The caller's side of a call by voice: listen until the agent is done, then say something.

Rules: it goes by what was played out and by the silence after it, and never looks into
the agent. What was not understood is said again, slower; where the agent offers the
keypad for a number that was not understood, it is keyed in.
"""

import asyncio
from collections.abc import Callable

from voice.core.history import AgentTurn, Item
from voice.rehearsal.caller import NOT_UNDERSTOOD, Caller, Move, asked_in
from voice.rehearsal.line import Line
from voice.rehearsal.mouth import Mouth
from voice.session import CallSession

REACTION_S = 0.5
"""Silence of the agent after which its words are taken for finished."""
EARLY_S = 0.6
"""How long before the end of a question somebody who interrupts begins to answer."""
PATIENCE_S = 25.0
"""A caller who hears nothing for so long hangs up."""
MOST_TURNS = 60
_HEARD_OUT = frozenset({"", "confirm", "attend", "offer", "more"})


class Talk:
    """One caller on one line."""

    def __init__(
        self,
        line: Line,
        session: CallSession,
        caller: Caller,
        mouth: Mouth,
        history: Callable[[], tuple[Item, ...]],
    ) -> None:
        self._line, self._session = line, session
        self._caller, self._mouth, self._history = caller, mouth, history
        self._loop = asyncio.get_running_loop()
        self._began = self._done = 0.0
        """When the caller's last move began, and when it had been made."""
        self._question = ""

    async def hold(self, *, speaks_first: bool) -> None:
        """Take turns with the agent until somebody hangs up."""
        heard = await self._listen()
        move = self._caller.open() if speaks_first else self._caller.hear(heard)
        for _ in range(MOST_TURNS):
            if move.hangs_up:
                break
            await self._make(move)
            if not (heard := await self._listen()):
                break
            move = self._caller.hear(heard)

    async def _make(self, move: Move) -> None:
        self._began = self._loop.time()
        if move.silent_s:
            await asyncio.sleep(move.silent_s)
        elif move.keys:
            await self._line.press(move.keys)
        else:
            await self._line.say(self._mouth(move.words, move.again))
        self._done = self._loop.time()

    async def _listen(self) -> str:
        """The agent's words since the caller's last move, once it is done; "" if none came."""
        quiet_since = self._loop.time()
        while self._loop.time() - quiet_since < PATIENCE_S:
            await asyncio.sleep(0.1)
            fresh = self._fresh()
            if not self._line.is_quiet:
                quiet_since = self._loop.time()
                if self._breaks_in(fresh):
                    return self._remembered(fresh)
            elif fresh and self._loop.time() - quiet_since >= REACTION_S:
                return self._remembered(fresh)
        return ""

    def _fresh(self) -> str:
        """What the agent has said since the caller's last move began.

        Words that broke off because the caller was still speaking are no answer: whoever
        hears "May I--" waits for it to be said whole.
        """
        since_ms, done_ms = self._began * 1000, self._done * 1000
        return " ".join(
            item.heard
            for item in self._history()
            if isinstance(item, AgentTurn)
            and item.heard
            and item.started_ms >= since_ms
            and not (item.interrupted and item.started_ms < done_ms)
        )

    def _breaks_in(self, fresh: str) -> bool:
        left = self._line.playing_until - self._loop.time()
        return self._caller.interrupts and left <= EARLY_S and asked_in(fresh) not in _HEARD_OUT

    def _remembered(self, fresh: str) -> str:
        """The words, with the question before them where they put none of their own."""
        if asked_in(fresh) or (fresh.endswith("?") and not NOT_UNDERSTOOD.search(fresh)):
            self._question = fresh
            return fresh
        return f"{self._question} {fresh}".strip()
