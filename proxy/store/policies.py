"""Policy documents as they were when they gave a verdict, so that it can be explained later."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.store.audit import Ledger
from proxy.store.canonical import row_sha256, sha256
from proxy.store.records import EventKind
from proxy.store.tables import policies

VERSION_PREFIX = "sha256:"
SHORTEST_VERSION = 8


async def save(
    connection: AsyncConnection, ledger: Ledger, name: str, version: str, document: str
) -> None:
    """Keep a policy, unless this version of it is kept already.

    The document is what the version is the hash of, so that anybody can check the one by the other.
    """
    row = {"id": f"{name}@{version}", "name": name, "version": version, "document": document}
    if await connection.scalar(sa.select(policies.c.id).where(policies.c.id == row["id"])):
        return
    await connection.execute(sa.insert(policies), row)
    ledger.append(
        EventKind.POLICY_SAVED,
        actor="presscheck",
        subject=row["id"],
        payload={"document_sha256": sha256(document), "row_sha256": row_sha256(row)},
    )


async def get(connection: AsyncConnection, name: str, version: str) -> str | None:
    """The document of a policy; its version may be cut after 8 digits."""
    digits = version.removeprefix(VERSION_PREFIX)
    if len(digits) < SHORTEST_VERSION:
        return None
    document: str | None = await connection.scalar(
        sa.select(policies.c.document).where(
            policies.c.name == name,
            policies.c.version.startswith(VERSION_PREFIX + digits, autoescape=True),
        )
    )
    return document
