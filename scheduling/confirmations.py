"""What a customer gets in hand: a calendar file, a text message, an e-mail.

Rules of this module:
- Notices are rows that a booking leaves behind; a sweep sends them, so that no network is
  touched inside a booking and nothing is lost when a provider is down.
- Consent is asked for at the moment of sending: the latest word of the number decides.
- A notice that a later change has overtaken is dropped: nobody gets a time that no longer
  holds. What cannot be sent is dropped with its reason, for staff to see.
- A notice is claimed before it is sent; who dies in between leaves it to the next sweep.
  A message whose outcome is unknown is not sent again.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from calls import telephony
from crm.consent import may_contact
from crm.models import CustomerPhone
from scheduling.day_sheet import shop_zone
from scheduling.models import Appointment, Notice, ShopSettings, Status

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""How long a claimed notice is left to whoever claimed it."""
TRIES: Final = 6
PURPOSE: Final = "service_info"
SendSms = Callable[..., str]


def ics(appointment: Appointment) -> bytes:
    """The visit as an iCalendar file (RFC 5545): one UID for its life, SEQUENCE by version."""
    shop = _shop()
    gone = appointment.status in (Status.CANCELLED, Status.NO_SHOW)
    event = Event()
    event.add("uid", f"{appointment.uid}@{_host(shop)}")
    event.add("sequence", appointment.version - 1)
    event.add("dtstamp", appointment.updated_at)
    event.add("dtstart", appointment.start)
    event.add("dtend", appointment.end)
    event.add("summary", f"Service visit at {shop.name}")
    event.add("description", f"{_services(appointment)}. Reference {appointment.ref}.")
    event.add("location", vText(shop.address))
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    event.add("transp", "OPAQUE")
    if shop.email:
        organizer = vCalAddress(f"MAILTO:{shop.email}")
        organizer.params["cn"] = vText(shop.name)
        event["organizer"] = organizer
    if not gone:
        event.add_component(_alarm())
    calendar = Calendar()
    calendar.add("prodid", f"-//{shop.name}//Service desk//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if gone else "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _alarm() -> Alarm:
    """A reminder the day before, in the customer's own calendar."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", "Service visit tomorrow")
    alarm.add("trigger", timedelta(days=-1))
    return alarm


def words(appointment: Appointment, kind: str) -> str:
    """The text of a message: what, when, reference, how to stop. No car, no name."""
    shop = _shop()
    local = appointment.start.astimezone(shop_zone())
    clock = f"{local:%I:%M %p}".lstrip("0")
    when = f"{local:%a %b} {local.day} at {clock}"
    heads = {
        "booked": f"You're booked for {when}: {_services(appointment)}.",
        "moved": f"Your visit is now {when}: {_services(appointment)}.",
        "cancelled": f"Your visit on {when} is cancelled.",
    }
    return f"{shop.name}: {heads[kind]} Ref {appointment.ref}. Reply STOP to opt out."


def send_due(now: datetime, limit: int = 50, *, send_sms: SendSms = telephony.send_sms) -> int:
    """Send what is due; returns how many went out."""
    due = (
        Notice.objects.filter(sent_at=None, dropped="", next_try_at__lte=now)
        .order_by("next_try_at")
        .values_list("pk", flat=True)[:limit]
    )
    return sum(_send(pk, now, send_sms) for pk in due)


def _send(pk: int, now: datetime, send_sms: SendSms) -> bool:
    """Claim one notice and send it, if it still should be."""
    claimed = Notice.objects.filter(pk=pk, sent_at=None, dropped="", next_try_at__lte=now).update(
        next_try_at=now + LEASE
    )
    if not claimed:
        return False
    notice = Notice.objects.select_related("appointment__customer").get(pk=pk)
    reason = _why_not(notice, now)
    if reason:
        return _drop(notice, reason)
    try:
        if notice.channel == Notice.Channel.SMS:
            send_sms(to=_number(notice), body=words(notice.appointment, notice.kind))
        else:
            _mail(notice)
    except telephony.TelephonyError as error:
        return _failed(notice, now, error.code, final=error.permanent or error.unknown_outcome)
    except OSError:  # what smtplib raises for every trouble on the way
        return _failed(notice, now, "mail_failed", final=False)
    Notice.objects.filter(pk=pk).update(sent_at=now, attempts=notice.attempts + 1)
    return True


def _why_not(notice: Notice, now: datetime) -> str:
    """Why a notice must not be sent, as a code; empty when it may."""
    visit = notice.appointment
    if Notice.objects.filter(
        appointment=visit, channel=notice.channel, version__gt=notice.version
    ).exists():
        return "overtaken"
    if visit.start <= now:
        return "visit_is_over"
    number = _number(notice)
    if notice.channel == Notice.Channel.EMAIL and not visit.customer.email:
        return "no_address"
    if not number:
        return "no_number"
    return "" if may_contact(number, notice.channel, PURPOSE) else "no_consent"


def _number(notice: Notice) -> str:
    """The customer's primary number, whose consent counts; empty when there is none."""
    numbers = CustomerPhone.objects.filter(customer_id=notice.appointment.customer_id)
    first = numbers.order_by("-is_primary", "pk").values_list("e164", flat=True).first()
    return first or ""


def _mail(notice: Notice) -> None:
    """Send the e-mail with the calendar file."""
    visit = notice.appointment
    subjects = {
        "booked": "Your service visit is booked",
        "moved": "Your service visit has moved",
        "cancelled": "Your service visit is cancelled",
    }
    message = EmailMessage(
        subject=f"{subjects[notice.kind]} ({visit.ref})",
        body=words(visit, notice.kind).replace(" Reply STOP to opt out.", ""),
        from_email=_shop().email or settings.DEFAULT_FROM_EMAIL,
        to=[visit.customer.email],
    )
    message.attach("visit.ics", ics(visit), "text/calendar")
    message.send()


def _drop(notice: Notice, reason: str) -> bool:
    """Keep a notice as never sent, with the reason."""
    Notice.objects.filter(pk=notice.pk).update(dropped=reason)
    log.info("notice_dropped", extra={"notice": notice.pk, "reason": reason})
    return False


def _failed(notice: Notice, now: datetime, code: str, *, final: bool) -> bool:
    """Try again later, twice as late each time, or give up."""
    attempts = notice.attempts + 1
    log.warning("notice_failed", extra={"notice": notice.pk, "code": code, "attempts": attempts})
    if final or attempts >= TRIES:
        Notice.objects.filter(pk=notice.pk).update(attempts=attempts)
        return _drop(notice, code[:40])
    Notice.objects.filter(pk=notice.pk).update(
        attempts=attempts, next_try_at=now + timedelta(minutes=2**attempts)
    )
    return False


def _services(appointment: Appointment) -> str:
    """The visit's services by name."""
    return ", ".join(line.op.name for line in appointment.services.select_related("op"))


def _shop() -> ShopSettings:
    """The shop's own particulars."""
    return ShopSettings.objects.filter(pk=1).first() or ShopSettings()


def _host(shop: ShopSettings) -> str:
    """The right-hand side of our UIDs: it must never change for a visit."""
    return shop.email.partition("@")[2] or "autoshop.invalid"
