"""The tables, as SQLAlchemy sees them; `migrations/` makes them, a test holds the two together."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa


class UtcDateTime(sa.TypeDecorator[dt.datetime]):
    """A moment in UTC. SQLite keeps no time zone: it is required going in and added coming out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: dt.datetime | None, dialect: sa.Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone before it is stored.")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, dialect: sa.Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


metadata = sa.MetaData()

verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("request_id", sa.String, nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
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

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("verdict_id", sa.ForeignKey("verdicts.id"), primary_key=True),
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

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
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
    sa.Column("unread_languages", sa.JSON(none_as_null=True)),
    sa.Column("released_text", sa.Text),
    sa.Column("decided_by", sa.String),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("reason_code", sa.String),
    sa.Column("note", sa.Text),
    sa.Index("ix_reviews_newest", "created_at", "id"),
    sa.Index("ix_reviews_state_newest", "state", "created_at", "id"),
)

# The rules of a review item's findings once more, so that a list by rule can use an index.
review_rules = sa.Table(
    "review_rules",
    metadata,
    sa.Column("rule", sa.String, primary_key=True),
    sa.Column("review_id", sa.ForeignKey("reviews.id"), primary_key=True),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("team", sa.String, nullable=False),
    sa.Column("policy", sa.String),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("secret_sha256", sa.String, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Index("ix_api_keys_secret_sha256", "secret_sha256", unique=True),
)

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("id", sa.String, primary_key=True),  # name@version
    sa.Column("name", sa.String, nullable=False),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)

# Who may be written to. A contact is a keyed hash, never the address itself.
optouts = sa.Table(
    "optouts",
    metadata,
    sa.Column("hash", sa.String, primary_key=True),
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("purpose", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("basis", sa.String),
    sa.Column("jurisdiction", sa.String),
    sa.Column("captured_at", UtcDateTime, nullable=False),
    sa.Column("source", sa.String),
    sa.Column("text_version", sa.String),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("evidence_ref", sa.String),
    sa.Column("erased_at", UtcDateTime),
    sa.Column("erased_because", sa.String),
)

# One row once there is a registry: what the pepper of its hashes is recognised by.
pepper_mark = sa.Table(
    "pepper_mark",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("mark", sa.String, nullable=False),
)

audit_events = sa.Table(
    "audit_events",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("previous_hash", sa.String, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sa.Index("ix_audit_events_subject", "subject", "sequence"),
)

# One row: the last event. Locking it makes writers take turns; comparing it with the log shows
# when events were cut off the end.
audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
)

# One row, written by each `ping`: that a commit succeeds shows more than that a query does.
heartbeat = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime),
)
