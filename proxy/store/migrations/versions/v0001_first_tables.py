"""The first tables, and the triggers that keep what is recorded as it was recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GENESIS_HASH = "0" * 64

APPEND_ONLY = ("audit_events", "verdicts", "outcomes")


def upgrade() -> None:
    op.create_table(
        "verdicts",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("request_id", sa.String, nullable=False, index=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("endpoint", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("key_id", sa.String),
        sa.Column("team", sa.String),
        sa.Column("model", sa.String),
        sa.Column("policy", sa.String, nullable=False),
        sa.Column("policy_version", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("jurisdictions", sa.JSON, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("prompt_sha256", sa.String, nullable=False),
        sa.Column("timings_ms", sa.JSON, nullable=False),
    )
    op.create_table(
        "outcomes",
        sa.Column("verdict_id", sa.String, sa.ForeignKey("verdicts.id"), primary_key=True),
        sa.Column("index", sa.Integer, primary_key=True),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("is_delivered", sa.Boolean, nullable=False),
        sa.Column("text_sha256", sa.String, nullable=False),
        sa.Column("text_length", sa.Integer, nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("failed_checks", sa.JSON, nullable=False),
        sa.Column("review_id", sa.String),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("team", sa.String),
        sa.Column("key_id", sa.String),
        sa.Column("model", sa.String),
        sa.Column("policy", sa.String, nullable=False),
        sa.Column("policy_version", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("jurisdictions", sa.JSON, nullable=False),
        sa.Column("brief", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("text_sha256", sa.String, nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("released_text", sa.Text),
        sa.Column("decided_by", sa.String),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("reason_code", sa.String),
        sa.Column("note", sa.Text),
        sa.Index("ix_reviews_newest", "created_at", "id"),
        sa.Index("ix_reviews_state_newest", "state", "created_at", "id"),
    )
    op.create_table(
        "review_rules",
        sa.Column("rule", sa.String, primary_key=True),
        sa.Column("review_id", sa.String, sa.ForeignKey("reviews.id"), primary_key=True),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("policy", sa.String),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("secret_sha256", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Index("ix_api_keys_secret_sha256", "secret_sha256", unique=True),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_events",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("previous_hash", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Index("ix_audit_events_subject", "subject", "sequence"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "hash": GENESIS_HASH}])
    heartbeat = op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True)),
    )
    op.bulk_insert(heartbeat, [{"id": 1}])

    if op.get_bind().dialect.name == "postgresql":
        _add_postgresql_triggers()
    else:
        _add_sqlite_triggers()


def _add_postgresql_triggers() -> None:
    op.execute(
        """
        CREATE FUNCTION presscheck_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION presscheck_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION presscheck_refuse_change()"
        )


def _add_sqlite_triggers() -> None:
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
            )
    # INSERT OR REPLACE deletes without asking a DELETE trigger, so an insert is held to the end.
    op.execute(
        "CREATE TRIGGER audit_events_at_end BEFORE INSERT ON audit_events "
        "WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit_events) BEGIN "
        "SELECT RAISE(ABORT, 'audit events are added at the end alone'); END"
    )
