"""Run by Alembic for every upgrade, in the transaction that `okr_sync.store.migrate` opened."""

from alembic import context

from okr_sync.store.migrate import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
