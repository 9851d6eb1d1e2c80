"""Policy documents as they were when they gave a verdict, so that it can be explained later."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.store.audit import Ledger
from proxy.store.canonical import row_sha256, sha256
from proxy.store.records import EventKind
from proxy.store.tables import policies


async def save(
    connection: AsyncConnection, ledger: Ledger, name: str, version: str, document: str
) -> None:
    """Keep a policy, unless this version of it is kept already."""
    if await get(connection, name, version) is not None:
        return
    row = {"id": f"{name}@{version}", "name": name, "version": version, "document": document}
    await connection.execute(sa.insert(policies), row)
    ledger.append(
        EventKind.POLICY_SAVED,
        actor="presscheck",
        subject=row["id"],
        payload={"document_sha256": sha256(document), "row_sha256": row_sha256(row)},
    )


async def get(connection: AsyncConnection, name: str, version: str) -> str | None:
    document: str | None = await connection.scalar(
        sa.select(policies.c.document).where(policies.c.name == name, policies.c.version == version)
    )
    return document
