"""What Twilio sends, parsed. Fields we don't use are ignored: Twilio adds new ones at any time."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from crm import phones

Sid = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{2,64}$")]
Word = Annotated[str, StringConstraints(max_length=64)]


def _shown(number: str) -> str:
    """A number that only looks like one is nobody's: it would be taken for a caller."""
    return phones.ANONYMOUS if phones.is_withheld(number) else number


Caller = Annotated[Word, AfterValidator(_shown)]


class WebhookForm(BaseModel):
    """The parameters every voice webhook carries. Numbers are as Twilio gives them, but that
    one which is withheld is `anonymous`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sid: Sid = Field(alias="CallSid")
    from_number: Caller = Field("", alias="From")
    to_number: Word = Field("", alias="To")
    direction: Word = Field("", alias="Direction")
    attestation: Word = Field("", alias="StirVerstat")
    answered_by: Word = Field("", alias="AnsweredBy")
    attempt: int | None = Field(None, ge=1)


class StatusForm(WebhookForm):
    """A call-progress callback. `sequence` orders them; they may arrive in any order."""

    status: Word = Field(alias="CallStatus")
    sequence: int = Field(-1, alias="SequenceNumber", ge=-1)
    sip_code: Word = Field("", alias="SipResponseCode")


class StreamStatusForm(BaseModel):
    """A media stream's own callback: the only place where a failed handshake shows."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sid: Sid = Field(alias="CallSid")
    stream_sid: Word = Field("", alias="StreamSid")
    event: Word = Field(alias="StreamEvent")
    error: str = Field("", alias="StreamError", max_length=500)


class MachineForm(BaseModel):
    """Who picked up: human, machine_end_beep, machine_end_silence, machine_end_other, fax, unknown."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sid: Sid = Field(alias="CallSid")
    answered_by: Word = Field(alias="AnsweredBy")


class WhisperForm(BaseModel):
    """A request about an advisor's leg; `call` (in our own address) is the caller's leg."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sid: Sid = Field(alias="CallSid")
    call: Sid
    digits: Word = Field("", alias="Digits")


class TextForm(BaseModel):
    """A text message that somebody sent to the shop's number."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sid: Sid = Field(alias="MessageSid")
    from_number: Word = Field(alias="From")
    body: str = Field("", alias="Body", max_length=1600)
