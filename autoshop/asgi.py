"""HTTP to Django, the media stream to its consumer."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
http = get_asgi_application()  # loads the apps, which what follows needs

from autoshop.loop_lag import Watched  # noqa: E402
from voice import ready  # noqa: E402
from voice.routing import websocket_urlpatterns  # noqa: E402

ready.warm()  # importing a vendor's package in mid-call would hold up everybody's audio
application = Watched(
    ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)}),
    at_first=ready.make_clips,
)
