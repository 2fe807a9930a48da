"""Where sockets go: one address, with or without a trailing slash."""

from django.urls import re_path

from voice.consumers import MediaStreamConsumer

websocket_urlpatterns = [re_path(r"^media-stream/?$", MediaStreamConsumer.as_asgi())]
