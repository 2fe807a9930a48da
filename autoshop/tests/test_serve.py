"""Both servers: they answer, and SIGTERM lets a live socket end properly."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).resolve().parents[2]
# An application that says, on its standard output, that its goodbye was completed.
APPLICATION = """
import asyncio
async def application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        return await send({"type": "http.response.body", "body": b""})
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": "heard"})
    await asyncio.sleep(0.3)
    print("goodbye completed", flush=True)
"""


@asynccontextmanager
async def _served(kind: str, folder: Path) -> AsyncIterator[tuple[subprocess.Popen[str], int]]:
    (folder / "goodbye_app.py").write_text(APPLICATION)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    code = (
        "import sys; from autoshop import serve; serve.APPLICATION = 'goodbye_app:application';"
        f"sys.exit(serve.main(['--server', {kind!r}, '--port', '{port}']))"
    )
    environment = dict(os.environ, PYTHONPATH=f"{ROOT}:{folder}", PYTHONUNBUFFERED="1")
    server = subprocess.Popen(  # noqa: ASYNC220 -- it starts in a moment, and nothing else waits
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        await _listening(port)
        yield server, port
    finally:
        server.kill()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


async def _listening(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
async def test_sigterm_closes_with_1012_and_lets_the_call_say_goodbye(
    kind: str, tmp_path: Path
) -> None:
    async with (
        _served(kind, tmp_path) as (server, port),
        connect(f"ws://127.0.0.1:{port}/x") as call,
    ):
        await call.send("hello")
        assert await call.recv() == "heard"
        server.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            await call.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        said, _ = await asyncio.to_thread(server.communicate, timeout=60)
    assert "goodbye completed" in said


def test_a_setting_that_is_nonsense_is_one_sentence() -> None:
    environment = {"PATH": os.environ["PATH"], "AUTOSHOP_ENV_FILE": "", "PORT": "none"}
    outcome = subprocess.run(
        [sys.executable, "-m", "autoshop.serve"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert outcome.stderr.strip() == "PORT is 'none': it takes a whole number from 1 to 65535."
