"""Loaded by Python itself at start: write every address that is looked up or connected to."""

import os
import sys


def _witness(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        target = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
        with open(os.environ["WITNESS_FILE"], "a", encoding="utf-8") as file:
            file.write(f"{event} {target!r}\n")


sys.addaudithook(_witness)
