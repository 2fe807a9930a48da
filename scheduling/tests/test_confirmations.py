"""Confirmations: sent once, with consent, never out of date; and the calendar file."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from icalendar import Calendar

from calls.errors import TelephonyError
from crm.consent import record_consent
from crm.models import CustomerPhone, Vehicle
from scheduling import booking, confirmations
from scheduling.models import Appointment, Notice, ShopSettings
from scheduling.tests import cast
from scheduling.tests.cast import NOW, at

pytestmark = pytest.mark.django_db


class Phone:
    """A telephone that keeps what it was told to send, and fails when told to."""

    def __init__(self, *troubles: TelephonyError) -> None:
        self.sent: list[tuple[str, str]] = []
        self.troubles = list(troubles)

    def __call__(self, *, to: str, body: str) -> str:
        """Send, or fail."""
        if self.troubles:
            raise self.troubles.pop(0)
        self.sent.append((to, body))
        return "SM1"


def allow(channel: str, granted: bool = True) -> None:
    """Ana's number says yes or no."""
    record_consent(
        number="+12125550101", channel=channel, purpose="service_info", granted=granted,
        wording="test", now=NOW,
    )  # fmt: skip


def event(row: Appointment) -> Any:
    """The event of a visit's calendar file."""
    return Calendar.from_ical(confirmations.ics(row)).walk("VEVENT")[0]


def cancel(row: Appointment) -> Appointment:
    """Cancel a visit."""
    return booking.cancel(
        appointment_id=row.pk, customer_id=row.customer_id, idempotency_key=cast.key(), now=NOW
    )


def dropped(row: Appointment) -> dict[str, str]:
    """Why each channel's latest notice was not sent."""
    return {n.channel: n.dropped for n in row.notices.order_by("version")}


class TestIcs:
    """RFC 5545: one UID for the life of a visit, SEQUENCE rises with every change."""

    def test_a_booking_is_sequence_0_and_a_move_keeps_the_uid(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"), "LOF-S", "BRK-I")
        first = event(row)
        moved = booking.reschedule(
            appointment_id=row.pk, customer_id=row.customer_id, start=at("14:00"),
            idempotency_key=cast.key(), now=NOW,
        )  # fmt: skip
        second = event(moved)
        assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
        assert first["UID"] == second["UID"] == f"{row.uid}@example.com"
        assert first.decoded("dtstart") == at("09:00")
        assert second.decoded("dtstart") == at("14:00")
        assert "Brake inspection" in str(first["DESCRIPTION"])
        assert first["STATUS"] == "CONFIRMED"
        assert "ORGANIZER" in first

    def test_a_cancellation_says_so(self, crv: Vehicle) -> None:
        gone = cancel(cast.book(crv, at("09:00")))
        calendar = Calendar.from_ical(confirmations.ics(gone))
        assert calendar["METHOD"] == "CANCEL"
        assert calendar.walk("VEVENT")[0]["STATUS"] == "CANCELLED"
        assert not calendar.walk("VALARM")

    def test_nothing_private_is_in_it(self, crv: Vehicle) -> None:
        text = confirmations.ics(cast.book(crv, at("09:00"), concern="my secret")).decode()
        for private in ("Ana", "Ruiz", "5550101", "CR-V", "secret"):
            assert private not in text

    def test_a_shop_without_particulars_still_has_a_file(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        ShopSettings.objects.all().delete()
        assert "ORGANIZER" not in event(row)
        assert str(event(row)["UID"]).endswith("@autoshop.invalid")


class TestSending:
    """The sweep."""

    def test_with_consent_a_text_goes_out_once(self, crv: Vehicle) -> None:
        allow("sms")
        row, phone = cast.book(crv, at("09:00")), Phone()
        assert confirmations.send_due(NOW, send_sms=phone) == 1
        assert confirmations.send_due(NOW + timedelta(hours=1), send_sms=phone) == 0
        [(to, body)] = phone.sent
        assert to == "+12125550101"
        assert body == (
            "Bart's Automotive: You're booked for Tue Nov 17 at 9:00 AM: Synthetic oil & filter"
            f" change. Ref {row.ref}. Reply STOP to opt out."
        )

    def test_without_consent_nothing_goes_out_and_the_reason_is_kept(self, crv: Vehicle) -> None:
        row, phone = cast.book(crv, at("09:00")), Phone()
        allow("sms")
        allow("sms", granted=False)
        assert confirmations.send_due(NOW, send_sms=phone) == 0
        assert phone.sent == []
        assert dropped(row) == {"sms": "no_consent", "email": "no_address"}

    def test_an_email_carries_the_calendar_file(self, crv: Vehicle) -> None:
        allow("email")
        crv.owner.email = "ana@example.com"
        crv.owner.save()
        row = cast.book(crv, at("09:00"))
        assert confirmations.send_due(NOW, send_sms=Phone()) == 1
        [sent] = mail.outbox
        assert sent.to == ["ana@example.com"]
        assert row.ref in sent.subject
        assert "STOP" not in sent.body
        assert sent.attachments[0][0] == "visit.ics"

    def test_a_time_that_no_longer_holds_is_never_told(self, crv: Vehicle) -> None:
        allow("sms")
        row, phone = cast.book(crv, at("09:00")), Phone()
        cancel(row)
        assert confirmations.send_due(NOW, send_sms=phone) == 1
        assert "is cancelled" in phone.sent[0][1]
        assert row.notices.get(version=1, channel="sms").dropped == "overtaken"

    def test_nobody_is_told_of_a_visit_that_is_over(self, crv: Vehicle) -> None:
        allow("sms")
        row = cast.book(crv, at("09:00"))
        assert confirmations.send_due(at("09:00"), send_sms=Phone()) == 0
        assert dropped(row)["sms"] == "visit_is_over"

    def test_without_a_number_there_is_nobody_to_text(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        CustomerPhone.objects.all().delete()
        confirmations.send_due(NOW, send_sms=Phone())
        assert dropped(row)["sms"] == "no_number"

    def test_a_passing_trouble_is_tried_again_later(self, crv: Vehicle) -> None:
        allow("sms")
        row = cast.book(crv, at("09:00"))
        phone = Phone(TelephonyError("20429", permanent=False))
        assert confirmations.send_due(NOW, send_sms=phone) == 0
        assert confirmations.send_due(NOW + timedelta(minutes=1), send_sms=phone) == 0
        assert confirmations.send_due(NOW + timedelta(minutes=2), send_sms=phone) == 1
        assert row.notices.get(channel="sms").attempts == 2

    @pytest.mark.parametrize(
        "trouble",
        [
            TelephonyError("21610", permanent=True),
            TelephonyError("timeout", permanent=False, unknown_outcome=True),
        ],
    )
    def test_what_would_fail_again_or_may_have_gone_out_is_not_repeated(
        self, crv: Vehicle, trouble: TelephonyError
    ) -> None:
        allow("sms")
        row, phone = cast.book(crv, at("09:00")), Phone(trouble)
        confirmations.send_due(NOW, send_sms=phone)
        confirmations.send_due(NOW + timedelta(hours=5), send_sms=phone)
        assert phone.sent == []
        assert dropped(row)["sms"] == trouble.code

    def test_after_six_tries_it_is_given_up(self, crv: Vehicle) -> None:
        allow("sms")
        row = cast.book(crv, at("09:00", 10))
        phone = Phone(*[TelephonyError("20500", permanent=False) for _ in range(10)])
        for hour in range(10):
            confirmations.send_due(NOW + timedelta(hours=2 * hour), send_sms=phone)
        notice = row.notices.get(channel="sms")
        assert (notice.attempts, notice.dropped) == (6, "20500")

    def test_a_mail_server_that_is_down_is_tried_again(self, crv: Vehicle, settings: Any) -> None:
        allow("email")
        crv.owner.email = "ana@example.com"
        crv.owner.save()
        row = cast.book(crv, at("09:00"))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        assert confirmations.send_due(NOW, send_sms=Phone()) == 0
        notice = row.notices.get(channel="email")
        assert (notice.dropped, notice.attempts) == ("", 1)

    def test_a_notice_that_another_worker_has_claimed_is_left_alone(self, crv: Vehicle) -> None:
        allow("sms")
        row = cast.book(crv, at("09:00"))
        pk = row.notices.get(channel="sms").pk

        class Racing(Phone):
            """While this one sends, another sweep comes by."""

            def __call__(self, *, to: str, body: str) -> str:
                assert confirmations.send_due(NOW, send_sms=Phone()) == 0
                return super().__call__(to=to, body=body)

        assert confirmations.send_due(NOW, send_sms=Racing()) == 1
        assert Notice.objects.get(pk=pk).sent_at == NOW
        assert confirmations._send(pk, NOW, Phone()) is False
