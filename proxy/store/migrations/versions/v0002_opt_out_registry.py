"""The opt-out registry, the mark of its pepper, and the languages whose names were not found."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "optouts",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("purpose", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("basis", sa.String),
        sa.Column("jurisdiction", sa.String),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String),
        sa.Column("text_version", sa.String),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("evidence_ref", sa.String),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.Column("erased_because", sa.String),
    )
    op.create_table(
        "pepper_mark",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("mark", sa.String, nullable=False),
    )
    op.add_column("reviews", sa.Column("unread_languages", sa.JSON))
