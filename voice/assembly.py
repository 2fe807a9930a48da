"""The one place where a call's parts are joined.

Rules: everything that knows Django, the shop or a vendor meets here, so that the
session knows none of them. Database work runs in a pool of threads of its own, never
on the event loop and never on Channels' shared thread.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.utils import timezone
from django_redis import get_redis_connection

from calls import handover, live, stream_token, telephony
from calls import log as call_log
from calls.due import callback_due
from calls.errors import StreamTokenRefused, TelephonyError
from scheduling.holds import release_holds
from voice import choices, media, own_clips, ready, records, ringing, store, tools
from voice.choices import Providers
from voice.clips import CallClips
from voice.context import CallContext, Receipt
from voice.core import events as ev
from voice.core.conversation import Conversation
from voice.core.history import AgentTurn, CallerTurn, Item
from voice.core.timing import Phrases, TurnSettings
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.redact import redact
from voice.dialogue.responder import Responder
from voice.dialogue.spoken_text import speakable
from voice.dialogue.unattended import nobody_spoke, nobody_took_it, voicemail
from voice.gate import Level
from voice.introduction import introduce, own_clauses
from voice.line import Line
from voice.metrics import CALLS, LINES, LIVE_CALLS
from voice.ready import at_leisure, in_thread
from voice.session import CallSession, Parts, Phone, ToolAnswer
from voice.shown import Shown
from voice.tools import audit
from voice.tools.shop import load_knowledge

log = logging.getLogger(__name__)

SLOW_PACE = 1.6
"""How much longer a caller in slow mode is waited for."""
TIMING = TurnSettings()
"""How long a caller is waited for, and what is said then."""
_PROVED = frozenset({Level.VERIFIED, Level.STEPPED_UP})


class StreamRefused(Exception):
    """This stream may not become a call; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Admitted:
    """What is known of a call when its stream has been let in."""

    context: CallContext
    knowledge: Knowledge
    resumed: store.LiveSession | None
    promised: datetime | None = None
    """When an advisor will ring back, for a caller whose hand-over nobody took."""
    own_clips: Mapping[str, bytes] = field(default_factory=dict)
    """Audio of the clauses that only this caller is greeted with, as far as it has been made."""


# ---- letting a stream in ---------------------------------------------------------
def _admit(start: media.Start, now: datetime) -> Admitted:
    """Use up the stream's token and find its call. Raises StreamRefused."""
    try:
        stream_token.redeem(start.parameters.get("token", ""), start.call_sid, now)
    except StreamTokenRefused as refusal:
        raise StreamRefused(refusal.code) from refusal
    call = call_log.find_call(start.call_sid)
    if call is None or call.is_over:
        raise StreamRefused("no_such_call")
    call_log.update_call(call_id=call.pk, stream_sid=start.stream_sid)
    context, shop = introduce(call), load_knowledge(now)
    own = own_clips.find(own_clauses(context, shop))
    return Admitted(context, shop, _find_session(call.sid), handover.promised(call), own)


def _find_session(call_sid: str) -> store.LiveSession | None:
    """The session that another process left behind, if it was left in mid-call."""
    raw = get_redis_connection("default").get(store.key(call_sid))
    if raw is None:
        return None
    try:
        found = store.unpack(raw)
        CallContext.from_json(found.context)
    except (ValueError, KeyError, TypeError):
        log.warning("session_unreadable")
        return None
    return found if found.history else None


# ---- one live call ---------------------------------------------------------------
class LiveCall:
    """A call with all its parts."""

    def __init__(
        self, admitted: Admitted, phone: Phone, providers: Providers | None = None
    ) -> None:
        context = admitted.context
        self._providers = providers = providers or choices.make_providers()
        self._call_sid, self._call_id = context.call_sid, context.call_id
        self._began = asyncio.get_running_loop().time()
        self._turns = 0
        self._is_slow = False
        self._shown = Shown(context.call_sid)
        self._line = Line()
        self._knowledge = admitted.knowledge
        self._mind = Responder(
            context,
            admitted.knowledge,
            clock=timezone.now,
            model=providers.model,
            specs=tools.specs_for,
            understand_aside=ready.understand_aside,
        )
        turns = _turn_settings(context, admitted.knowledge)
        self._core = Conversation(redact=redact, settings=turns)
        started_by = self._resume(admitted.resumed) if admitted.resumed else None
        if admitted.promised is not None:
            started_by = self._come_back(admitted.promised, admitted.knowledge)
        self.session = CallSession(
            Parts(
                conversation=self._core,
                mind=self._mind,
                ear=providers.ear,
                voice=providers.voice,
                phone=phone,
                use_tool=self._use_tool,
                record=self._record,
                close=self._close,
                clips=CallClips(admitted.own_clips, ready.clips()),
                speakable=speakable,
                overhear=self._line.hear,
                show=self._shown.show,
            ),
            started_by=started_by,
        )

    def _resume(self, left: store.LiveSession) -> ev.CallStarted:
        """Go on where another process was cut off."""
        for item in left.history:
            self._core.history.place(item)
            self._turns += isinstance(item, CallerTurn | AgentTurn)
        self._mind.context = CallContext.from_json(left.context)
        log.info("call_resumed", extra={"turns": self._turns})
        return ev.CallStarted(
            f"Sorry, we were cut off for a moment. {_last_question(left.history)}"
        )

    def _come_back(self, due: datetime, shop: Knowledge) -> ev.CallStarted:
        """Nobody took the hand-over: the agent has the caller again, and a promise to tell."""
        context = self._mind.context
        self._mind.context = replace(
            context,
            outcome="callback_promised",
            callback_promised=due,
            receipts=(*context.receipts, Receipt("callback", due)),
            dialogue=replace(context.dialogue, goal="more", asked="more"),
        )
        return nobody_took_it(
            due.astimezone(shop.zone), timezone.now().astimezone(shop.zone).date()
        )

    async def run(self) -> None:
        """The call, and its last entries whatever happens to it."""
        LIVE_CALLS.inc()
        self._shown.show(
            None
        )  # a process that died may have left some, and their numbers begin anew
        listener = asyncio.create_task(self._listen_for_news())
        try:
            await self.session.run()
        finally:
            listener.cancel()
            LIVE_CALLS.dec()
            self._shown.close()
            await self._finish()

    async def abandon(self, reason: str) -> None:
        """The caller hung up before the first word."""
        await in_thread(
            call_log.finish_call,
            call_id=self._call_id, end_reason=reason, outcome="abandoned", now=timezone.now(),
        )  # fmt: skip
        await self._providers.close()

    async def _listen_for_news(self) -> None:
        async for news in live.news(self._call_sid):
            if news.kind == "hang_up":
                self.session.hang_up(news.value or "carrier")
            elif news.kind == "answered_by":
                self._answered_by(news.value)

    def _answered_by(self, who: str) -> None:
        """A machine gets its one message, after the beep; "unknown" is treated as a person."""
        if who.startswith("machine_end"):
            self._mind.context = replace(self._mind.context, outcome="voicemail")
            words = voicemail(self._mind.context, self._knowledge)
            self.session.post(ev.CloseRequested("hang_up", words))
        elif who == "fax":
            self.session.post(ev.CloseRequested("hang_up"))

    async def _use_tool(self, name: str, arguments: str, history: tuple[Item, ...]) -> ToolAnswer:
        outcome = await in_thread(
            tools.run, self._mind.context, name, arguments, history, timezone.now()
        )
        self._mind.context = outcome.context
        return ToolAnswer(outcome.result_json, outcome.say, outcome.then, outcome.expects)

    def _keep_pace(self) -> None:
        """A caller who has asked for it is given more time from the next turn on."""
        if self._mind.context.slow and not self._is_slow:
            self._is_slow = True
            self.session.post(ev.PaceChanged(SLOW_PACE))

    # ---- records -----------------------------------------------------------------
    async def _record(self, item: Item, history: tuple[Item, ...]) -> None:
        self._keep_pace()
        records.observe_turn(item)
        turn = None
        if isinstance(item, CallerTurn | AgentTurn):
            self._turns += 1
            turn = records.Numbered(self._turns, item)
        await at_leisure(self._write, turn, self._packed(history))

    def _packed(self, history: tuple[Item, ...]) -> bytes:
        elapsed_ms = int((asyncio.get_running_loop().time() - self._began) * 1000)
        context = self._mind.context.to_json()
        return store.pack(store.LiveSession(history, context, self._core.floor.value, elapsed_ms))

    def _write(self, turn: records.Numbered | None, packed: bytes) -> None:
        if turn is not None:
            records.twice(partial(records.write_turn, self._call_id, turn))
        records.save_session(self._call_sid, packed)

    # ---- the end -----------------------------------------------------------------
    async def _close(self, how: str) -> None:
        """Hang up or hand over by telephone; the socket's end does the rest if that fails."""
        context = self._mind.context
        act = partial(telephony.hang_up, self._call_sid)
        if how == "hand_over":
            act = partial(
                telephony.hand_over,
                self._call_sid,
                _brief(context),
                language=context.language,
                reason=context.handover_reason or "trouble",
                callback_due_at=callback_due(timezone.now(), 30, self._knowledge),
            )
        try:
            await in_thread(act)
        except TelephonyError as failure:
            log.warning("telephony_failed", extra={"code": failure.code, "how": how})

    async def _finish(self) -> None:
        await in_thread(self._write_end, timezone.now())

    def _write_end(self, now: datetime) -> None:
        context, session = self._mind.context, self.session
        reason = _END_REASONS.get(session.closed_how or "", session.gone_reason or "broke")
        CALLS.labels(reason).inc()
        sound = self._line.sound()
        if sound is not None:
            LINES.labels(sound.verdict.value).inc()
        records.twice(
            partial(
                records.finish,
                call_id=self._call_id,
                end_reason=reason,
                outcome=context.outcome or "abandoned",
                history=self._core.history.items,
                usage=session.usage,
                facts=_facts(context) | ({"line": sound.to_json()} if sound else {}),
                now=now,
            )
        )
        release_holds(call_sid=self._call_sid)
        audit.after_call(context, self._core.history.items, self._knowledge, now)


def _brief(context: CallContext) -> str:
    """What the advisor hears before taking the call: who, how sure we are of it, what they want."""
    who = context.first_name or context.greet_name or "A caller"
    proved = "verified" if context.level in _PROVED else "not verified"
    want = context.flow.value.replace("_", " ")
    mood = f" They sound {context.mood}." if context.mood else ""
    return f"{who}, {proved}, about: {want}.{mood}"


_END_REASONS = {"hang_up": "agent_hung_up", "hand_over": "handed_over"}


def _facts(context: CallContext) -> dict[str, object]:
    facts: dict[str, object] = {
        "flow": context.flow.value,
        "verification_level": context.level.value,
        "customer_id": context.customer_id,
    }
    references = [receipt.reference for receipt in context.receipts if receipt.reference]
    if references:
        facts["appointment_ref"] = references[-1]
    return facts


def _last_question(history: tuple[Item, ...]) -> str:
    """What the agent had said last, to take the thread up again."""
    said = [item.text for item in history if isinstance(item, AgentTurn)]
    return said[-1] if said else "How can I help?"


def _turn_settings(context: CallContext, knowledge: Knowledge) -> TurnSettings:
    phrases = Phrases(fillers=tools.FILLERS)
    if context.direction == "outbound":
        phrases = replace(phrases, idle_goodbye=nobody_spoke(knowledge))
    return replace(TIMING, phrases=phrases, speculate=settings.SPECULATE)


# ---- how a call begins, and what helps when it breaks --------------------------------
async def open_call(start: media.Start, phone: Phone) -> LiveCall:
    """Let a stream in and put its call together. Raises StreamRefused."""
    admitted = await in_thread(_admit, start, timezone.now())
    return LiveCall(admitted, phone, ringing.take(start.call_sid))


def _rescue(call_sid: str, now: datetime) -> None:
    telephony.hand_over(
        call_sid,
        "The call broke off on our side.",
        reason="broke",
        callback_due_at=callback_due(now, 30, load_knowledge(now)),
    )


async def rescue(call_sid: str) -> None:
    """A bug broke the call: get the caller to a person. Never raises."""
    try:
        await in_thread(_rescue, call_sid, timezone.now())
    except TelephonyError as failure:
        log.warning("telephony_failed", extra={"code": failure.code, "how": "rescue"})
