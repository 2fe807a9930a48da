"""The TwiML this product answers with. Pure: facts in, XML text out.

Rules: only Twilio's own builder writes the XML, so nothing is ever pasted into it;
every value here was checked or made by us. After `<Connect>` there is always another
verb: a worker that dies ends the stream, and then Twilio asks `/call-next` what to
do, in place of dead air. The stream's address carries no query string (Twilio drops
it); what the socket must know travels in `<Parameter>`s of under 500 characters.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

VOICE = "Polly.Joanna-Neural"
ADVISOR_RINGS_S = 25
TRANSFER_LIMIT_S = 3600
_PARAMETER_LIMIT = 499
_BRIEF_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Twilio finds us: `base_url` is https in real life, without a slash at its end."""

    base_url: str

    def webhook(self, path: str, **query: str) -> str:
        """The address of a webhook, `call-next` for example."""
        return f"{self.base_url}/{path}" + (f"?{urlencode(query)}" if query else "")

    def stream(self) -> str:
        """The address of the media stream: wss for https, ws for http."""
        return "ws" + self.base_url.removeprefix("http") + "/media-stream/"


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What the media stream is told at its start. `caller` is E.164, or "" if withheld."""

    token: str
    caller: str
    flow: str
    first_message: str
    resumed: bool = False


def connect_agent(addresses: Addresses, facts: StreamFacts, say: str = "") -> str:
    """Join the call to the agent; `say` is spoken by Twilio before."""
    response = VoiceResponse()
    if say:
        response.say(say, voice=VOICE)
    connect = Connect()
    stream = connect.stream(
        url=addresses.stream(),
        status_callback=addresses.webhook("stream-status"),
        status_callback_method="POST",
    )
    for name, value in (
        ("token", facts.token),
        ("caller", facts.caller),
        ("flow", facts.flow),
        ("first_message", facts.first_message),
        ("resumed", "yes" if facts.resumed else "no"),
    ):
        stream.parameter(name=name, value=value[:_PARAMETER_LIMIT])
    response.append(connect)
    response.redirect(addresses.webhook("call-next"), method="POST")
    return str(response)


def dial_advisor(
    addresses: Addresses, *, call_sid: str, number: str, caller_id: str, say: str = ""
) -> str:
    """Ring an advisor for 25 s and let them accept by key; `/dial-done` hears how it went."""
    response = VoiceResponse()
    if say:
        response.say(say, voice=VOICE)
    dial = Dial(
        action=addresses.webhook("dial-done"),
        method="POST",
        answer_on_bridge=True,
        timeout=ADVISOR_RINGS_S,
        time_limit=TRANSFER_LIMIT_S,
        caller_id=caller_id,
    )
    dial.number(number, url=addresses.webhook("whisper", call=call_sid), method="POST")
    response.append(dial)
    return str(response)


def whisper(addresses: Addresses, *, call_sid: str, brief: str) -> str:
    """Tell the advisor, and only them, what the call is about; one key takes it."""
    response = VoiceResponse()
    words = f"A call from the service line. {brief[:_BRIEF_LIMIT]} Press one to take it."
    for _ in range(2):
        gather = Gather(
            num_digits=1,
            timeout=5,
            action=addresses.webhook("whisper-done", call=call_sid),
            method="POST",
        )
        gather.say(words, voice=VOICE)
        response.append(gather)
    response.hangup()
    return str(response)


def bridge() -> str:
    """Let a dialled leg through: an empty answer joins it to the caller."""
    return str(VoiceResponse())


def hang_up(say: str = "") -> str:
    """End the call, after a last sentence if there is one."""
    response = VoiceResponse()
    if say:
        response.say(say, voice=VOICE)
    response.hangup()
    return str(response)


def text_back(words: str) -> str:
    """Answer a text message; with no words, with nothing."""
    response = MessagingResponse()
    if words:
        response.message(words)
    return str(response)
