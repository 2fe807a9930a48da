"""Where one checkout keeps its built-in servers, and what can go wrong with them."""

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0


class EmbeddedError(Exception):
    """The built-in servers can't run here; the text says why and what helps."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where one checkout keeps its servers. A socket's path may have 104 bytes, so `run` is short."""

    home: Path
    run: Path
    tag: str

    @property
    def postgres_sockets(self) -> Path:
        """The folder that is PostgreSQL's `host`."""
        return self.run / "pg"

    @property
    def valkey_socket(self) -> Path:
        """The Unix socket that Valkey listens on."""
        return self.run / "valkey.sock"


def places() -> Places:
    """This checkout's folders, by `AUTOSHOP_HOME` and the user's id."""
    home = Path(os.environ.get("AUTOSHOP_HOME") or ROOT / ".autoshop").absolute()
    tag = hashlib.sha256(str(home).encode()).hexdigest()[:8]
    return Places(home=home, run=Path(f"/tmp/autoshop-{os.getuid()}-{tag}"), tag=tag)  # noqa: S108


def alive(pid_file: Path) -> int | None:
    """The process id in a file, if that process runs (a zombie does not)."""
    try:
        pid = int(pid_file.read_text().split()[0])
        os.kill(pid, 0)
    except PermissionError:
        return pid
    except (OSError, ValueError, IndexError):
        return None
    status = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        if status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return None
    return pid
