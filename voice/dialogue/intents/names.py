"""The names of what callers want."""

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
