"""The one entry point of the web server: `python -m autoshop.serve [--server uvicorn|daphne]`.

Rules: a call's audio passes through here, so the server is chosen by measurement
(docs/deploy.md): uvicorn carries about 2.7 times the calls of Daphne on a core and lets
every consumer finish on SIGTERM; Daphne, through a subclass that does so too, is kept
for whoever needs it. Both close live sockets with 1012 and wait `--grace` seconds.
"""

import argparse
import os
import sys
from typing import Any

from autoshop.env import BadSetting

APPLICATION = "autoshop.asgi:application"
# Twilio's frames are 400 bytes; what is bigger than this is no peer of ours.
LARGEST_FRAME_BYTES = 1_048_576
SOCKETS: dict[str, Any] = {
    "ws": "autoshop.direct_frames:DirectFrames",
    "ws_max_size": LARGEST_FRAME_BYTES,
    "ws_per_message_deflate": False,  # audio in base64 hardly shrinks, fifty times a second
}
"""How uvicorn carries a media stream."""


def run_uvicorn(host: str, port: int, *, workers: int, grace_seconds: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    import uvicorn

    uvicorn.run(
        APPLICATION,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        **SOCKETS,
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=True,
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
        timeout_graceful_shutdown=grace_seconds,
    )


def run_daphne(host: str, port: int, *, grace_seconds: int) -> None:
    """Serve until SIGTERM or SIGINT, with Daphne."""
    from autoshop.daphne_server import GracefulDaphne

    GracefulDaphne.grace_seconds = grace_seconds
    GracefulDaphne.serve(APPLICATION, host, port)


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m autoshop.serve", description=__doc__)
    parser.add_argument("--server", choices=("uvicorn", "daphne"), default="uvicorn")
    parser.add_argument("--host", default="")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes (uvicorn)")
    parser.add_argument("--grace", type=int, default=10, help="seconds that live calls get to end")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
    try:
        from autoshop import settings
    except BadSetting as error:
        print(error, file=sys.stderr)
        return 1
    host, port = chosen.host or settings.HOST, chosen.port or settings.PORT
    if chosen.server == "daphne":
        run_daphne(host, port, grace_seconds=chosen.grace)
    else:
        run_uvicorn(host, port, workers=chosen.workers, grace_seconds=chosen.grace)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
