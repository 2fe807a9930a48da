"""How Twilio reaches the app: signed requests and the media stream's handshake.

Rules: what is signed is the address as the app wrote it (`public`, its BASE_URL); where
to connect may differ (`base`), as it does behind a proxy. A query string of a stream's
address is dropped, as Twilio drops it.
"""

import aiohttp
import yarl

from simulators.twilio.signing import signature

WEBHOOK_TIMEOUT_S = 15.0


class WebhookFailed(Exception):
    """The app answered a webhook with something other than 2xx (Twilio's 11200)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"webhook answered {status}")
        self.status = status


class Network:
    """The way to one app. `token` signs; an empty one signs too, as a stranger would."""

    def __init__(
        self,
        base_url: str,
        public_url: str | None,
        token: str,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self.base = base_url.rstrip("/")
        self.public = (public_url or base_url).rstrip("/")
        self._token = token
        self._session = session
        self._owned = session is None
        # An app that is https to the world is reached here as by its proxy.
        proxied = self.public.startswith("https") and self.base.startswith("http:")
        self._forwarded = {"X-Forwarded-Proto": "https"} if proxied else {}
        self.asked: list[tuple[str, int]] = []

    async def close(self) -> None:
        """Let go of a session of our own."""
        if self._owned and self._session is not None:
            await self._session.close()
            self._session = None

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    def absolute(self, url: str, scheme: str = "http") -> str:
        """An address as the app means it; TwiML may hold relative ones."""
        return self.public.replace("http", scheme, 1) + url if url.startswith("/") else url

    def _reach(self, url: str) -> str:
        for scheme in ("http", "ws"):
            public = self.public.replace("http", scheme, 1)
            if url.startswith(public):
                return self.base.replace("http", scheme, 1) + url[len(public) :]
        return url

    async def ask(self, method: str, url: str, form: dict[str, str]) -> str:
        """A signed request; returns the body or raises `WebhookFailed`."""
        url = self.absolute(url)
        if method.upper() == "GET":
            url, form = str(yarl.URL(url).update_query(form)), {}
        headers = {"X-Twilio-Signature": signature(self._token, url, form), **self._forwarded}
        async with self._http().request(
            method,
            yarl.URL(self._reach(url), encoded=True),
            data=form or None,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=WEBHOOK_TIMEOUT_S),
        ) as answer:
            self.asked.append((url, answer.status))
            if not 200 <= answer.status < 300:
                raise WebhookFailed(answer.status)
            return await answer.text()

    async def open_stream(self, url: str, *, sign: bool) -> aiohttp.ClientWebSocketResponse:
        """The websocket of a `<Stream>`; raises aiohttp's errors where it is refused."""
        url = self.absolute(url, "ws").split("?")[0]
        signed = {"X-Twilio-Signature": signature(self._token, url)} if sign else {}
        headers = {**signed, **self._forwarded}
        return await self._http().ws_connect(
            self._reach(url),
            headers=headers,
            compress=0,
            max_msg_size=0,
            timeout=aiohttp.ClientWSTimeout(ws_close=0.5),
        )
