"""`presscheck serve` as its own process, as an operator starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
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

    def stop(self) -> None:
        """End the server as an operator does; a second time does no harm."""
        self.process.terminate()
        self.process.wait(30)


def environment_for(**variables: str) -> dict[str, str]:
    """The environment of a process: ours, without settings that a developer may have there."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PRESSCHECK_", "OPENAI_"))
    }
    return {**ours, **variables}


def presscheck(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "proxy", *arguments],
        cwd=ROOT,
        env=environment or environment_for(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def start_server(folder: Path, *arguments: str, **variables: str) -> Server:
    """Start a server that keeps its things in `folder`, and wait until it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = folder / "home"
    environment = environment_for(PRESSCHECK_HOME=str(home), **variables)
    output = folder / f"output-{port}.txt"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "proxy", "serve", "--port", str(port), *arguments],
            cwd=ROOT,
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    server = Server(process, f"http://127.0.0.1:{port}", home, output, environment)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, server.said
        try:
            if httpx.get(f"{server.url}/readyz", timeout=2).status_code == 200:
                return server
        except httpx.TransportError:
            time.sleep(0.1)
    server.kill()
    raise TimeoutError(server.said)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server on the test's own home; several may be started one after the other."""
    running: list[Server] = []

    def start_one(*arguments: str, **variables: str) -> Server:
        running.append(start_server(tmp_path, *arguments, **variables))
        return running[-1]

    yield start_one
    for server in running:
        server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with the demo model and the policy of the examples, for tests that only use it."""
    policy = ROOT / "examples/no_hype.yaml"
    started = start_server(tmp_path_factory.mktemp("server"), PRESSCHECK_POLICIES=str(policy))
    yield started
    started.stop()
