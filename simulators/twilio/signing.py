"""How Twilio signs what it sends (protocols: webhooks, signature)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def signature(token: str, url: str, form: Mapping[str, str] | None = None) -> str:
    """The X-Twilio-Signature of a request: HMAC-SHA1 over the URL and the sorted form."""
    text = url + "".join(key + value for key, value in sorted((form or {}).items()))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
