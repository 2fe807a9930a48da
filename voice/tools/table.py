"""The tool table: for each tool its arguments, its handler, its time and its filler.

Rules: which level and which kind of call a tool needs stands in `voice.gate`, and a
test holds the two tables together. `row` names the gate's line for this use: booking
and adding a car have two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from voice.context import CallContext
from voice.gate import Flow, tools_of
from voice.providers.base import ToolSpec
from voice.tools import arguments as a
from voice.tools import cars, desk, identity, openings, shop, step_up, visits
from voice.tools.frame import Frame
from voice.tools.outcome import ToolOutcome


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `timeout_s` seconds; `filler` is said while it takes long."""

    name: str
    arguments: type[a.Arguments]
    handle: Callable[[Frame, Any], ToolOutcome]
    writes: bool = False
    timeout_s: float = 4.0
    filler: str = "One moment."

    @property
    def description(self) -> str:
        """What a model is told: the first lines of the arguments' docstring."""
        return " ".join((self.arguments.__doc__ or "").split())


_TOOLS = (
    Tool("lookup_customer", a.LookupCustomer, identity.lookup_customer, filler="Let me look."),
    Tool("service_menu", a.ServiceMenu, shop.service_menu),
    Tool("quote_price", a.QuotePrice, shop.quote_price),
    Tool("shop_info", a.ShopInfo, shop.shop_info),
    Tool("get_available_slots", a.GetAvailableSlots, openings.get_available_slots,
         filler="One moment, checking the calendar."),
    Tool("book_appointment", a.BookAppointment, visits.book_appointment, writes=True,
         timeout_s=7.0, filler="One moment, I'm booking that."),
    Tool("reschedule_appointment", a.RescheduleAppointment, visits.reschedule_appointment,
         writes=True, timeout_s=7.0, filler="One moment, I'm moving it."),
    Tool("cancel_appointment", a.CancelAppointment, visits.cancel_appointment, writes=True,
         timeout_s=7.0),
    Tool("confirm_appointment", a.ConfirmAppointment, visits.confirm_appointment, writes=True,
         timeout_s=7.0),
    Tool("create_customer", a.CreateCustomer, cars.create_customer, writes=True, timeout_s=7.0),
    Tool("create_vehicle", a.CreateVehicle, cars.create_vehicle, writes=True, timeout_s=7.0),
    Tool("get_vehicle_info", a.GetVehicleInfo, cars.get_vehicle_info),
    Tool("get_service_history", a.GetServiceHistory, cars.get_service_history,
         filler="Let me look that up."),
    Tool("service_status", a.ServiceStatus, cars.service_status, filler="Let me check."),
    Tool("join_waitlist", a.JoinWaitlist, desk.join_waitlist, writes=True, timeout_s=7.0),
    Tool("take_message", a.TakeMessage, desk.take_message, writes=True, timeout_s=7.0),
    Tool("hand_over", a.HandOver, desk.hand_over, timeout_s=7.0),
    Tool("end_call", a.EndCall, desk.end_call),
    Tool("opt_out", a.OptOut, identity.opt_out, writes=True, timeout_s=7.0),
    Tool("change_phone", a.ChangePhone, step_up.change_phone, writes=True),
    Tool("add_contact", a.AddContact, step_up.add_contact, writes=True),
    Tool("text_history", a.TextHistory, step_up.text_history, timeout_s=7.0),
    Tool("send_code", a.SendCode, step_up.send_code, timeout_s=7.0),
    Tool("check_code", a.CheckCode, step_up.check_code),
    Tool("verify", a.Verify, identity.verify),
    Tool("capture_profile", a.CaptureProfile, identity.capture_profile, writes=True),
    Tool("record_consent", a.RecordConsent, identity.record_consent, writes=True),
    Tool("record_feedback", a.RecordFeedback, desk.record_feedback, writes=True),
    Tool("note_falsehood", a.NoteFalsehood, desk.note_falsehood),
    Tool("right_party", a.RightParty, identity.right_party, writes=True),
)  # fmt: skip

TOOLS: dict[str, Tool] = {tool.name: tool for tool in _TOOLS}

FILLERS: dict[str, tuple[str, ...]] = {tool.name: (tool.filler,) for tool in _TOOLS}
"""What to say while a tool is slow, by its name."""


def gate_row(tool: Tool, arguments: a.Arguments, context: CallContext) -> str:
    """The line of the gate's table that this use needs."""
    existing = context.customer_id is not None and not context.customer_is_new
    names_own_car = isinstance(arguments, a.BookAppointment) and arguments.car is not None
    if tool.name in ("book_appointment", "create_vehicle") and (existing or names_own_car):
        return f"{tool.name}:existing" if not context.customer_is_new else tool.name
    return tool.name


@lru_cache(maxsize=len(Flow))
def specs_for(flow: Flow) -> tuple[ToolSpec, ...]:
    """The tools a model may be shown in this kind of call, as strict schemas."""
    return tuple(
        ToolSpec(name, TOOLS[name].description, a.strict_schema(TOOLS[name].arguments))
        for name in tools_of(flow)
    )
