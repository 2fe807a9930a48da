"""What the caller wants: one of our intents, "none of these" among them.

Rules: pure; `classify` takes what was recognised and returns in well under 10 ms.
Rules of high precision decide the promises that must not be missed (a person,
please; stop calling; danger) and short answers; a small linear model trained on our
own phrases decides the rest, and says OUT_OF_SCOPE when nothing fits well.
"""

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What an utterance is for. The first block is what people ring for."""

    BOOK = "book"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    CONFIRM = "confirm"
    MY_APPOINTMENT = "my_appointment"
    STATUS = "status"
    PRICE = "price"
    SHOP_INFO = "shop_info"
    RECALL = "recall"
    SERVICE_HISTORY = "service_history"
    SERVICE_DUE = "service_due"
    CAR_ADVICE = "car_advice"
    EMERGENCY = "emergency"
    OTHER_DEPARTMENT = "other_department"
    COMPLAINT = "complaint"
    # About the call itself.
    HUMAN = "human"
    OPT_OUT = "opt_out"
    MESSAGE = "message"
    WRONG_NUMBER = "wrong_number"
    LANGUAGE = "language"
    WHO_ARE_YOU = "who_are_you"
    CAPABILITIES = "capabilities"
    REPEAT = "repeat"
    NEVER_MIND = "never_mind"
    # Small answers.
    AFFIRM = "affirm"
    DENY = "deny"
    UNSURE = "unsure"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class IntentHeard:
    """The intent, how sure (0 to 1), and the other intents of the same utterance.

    "Hi, can I talk to somebody about my bill" is HUMAN, also GREETING. An intent
    that is a request comes before one that is a courtesy.
    """

    intent: Intent
    confidence: float
    also: tuple[Intent, ...] = ()

    def includes(self, intent: Intent) -> bool:
        """Whether an intent is anywhere in the utterance."""
        return intent is self.intent or intent in self.also
