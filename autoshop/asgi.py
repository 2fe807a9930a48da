"""HTTP to Django, the media stream to its consumer."""

import os
from collections.abc import Coroutine
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
http = get_asgi_application()  # loads the apps, which what follows needs

from autoshop.loop_lag import Watched  # noqa: E402
from voice import ready, ringing  # noqa: E402
from voice.routing import websocket_urlpatterns  # noqa: E402

ready.warm()  # importing a vendor's package in mid-call would hold up everybody's audio


def _at_first() -> Coroutine[Any, Any, None]:
    """With the first connection there is a loop: calls are prepared on it, this one among them."""
    ringing.listen()
    return ready.make_clips()


application = Watched(
    ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)}),
    at_first=_at_first,
)
