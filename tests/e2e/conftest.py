"""`presscheck serve` as its own process, as an operator starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


@dataclass
class Server:
    """A running server process, and what it has written so far."""

    process: subprocess.Popen[bytes]
    url: str
    home: Path
    output: Path
    environment: dict[str, str]

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    @property
    def key(self) -> str:
        found = re.search(r"OPENAI_API_KEY=(psk_\S+)", self.said)
        assert found, self.said
        return found[1]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another `presscheck` command on the same configuration."""
        return presscheck(*arguments, environment=self.environment)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


def presscheck(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "proxy", *arguments],
        cwd=ROOT,
        env=environment or dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server on the test's own home; several may be started one after the other."""
    running: list[Server] = []

    def start_one(*arguments: str, **variables: str) -> Server:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        home = tmp_path / "home"
        environment = {**os.environ, "PRESSCHECK_HOME": str(home), **variables}
        output = tmp_path / f"output-{len(running)}.txt"
        with output.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "proxy", "serve", "--port", str(port), *arguments],
                cwd=ROOT,
                env=environment,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        server = Server(process, f"http://127.0.0.1:{port}", home, output, environment)
        running.append(server)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert process.poll() is None, server.said
            try:
                if httpx.get(f"{server.url}/readyz", timeout=2).status_code == 200:
                    return server
            except httpx.TransportError:
                time.sleep(0.1)
        raise TimeoutError(server.said)

    yield start_one
    for server in running:
        if server.process.poll() is None:
            server.process.terminate()
            server.process.wait(30)
