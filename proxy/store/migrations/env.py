"""What Alembic runs: the migrations, in the transaction that `Database` has opened and locked."""

from alembic import context

from proxy.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Alembic believes that SQLite cannot; it can, once Python's sqlite3 is kept from committing.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
