"""A simulated Twilio: callers, media streams, webhooks, TwiML and the REST API."""

from simulators.twilio.call import ACCOUNT_SID, SimulatedCall
from simulators.twilio.faults import CallbackFaults, Callee, RestFaults, StreamFaults
from simulators.twilio.network import WebhookFailed
from simulators.twilio.rest import Text, TwilioServer
from simulators.twilio.signing import signature
from simulators.twilio.stream import Heard, MediaStream, Received

__all__ = [
    "ACCOUNT_SID",
    "CallbackFaults",
    "Callee",
    "Heard",
    "MediaStream",
    "Received",
    "RestFaults",
    "SimulatedCall",
    "StreamFaults",
    "Text",
    "TwilioServer",
    "WebhookFailed",
    "signature",
]
