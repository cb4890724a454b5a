"""SQL databases: any table, view or SELECT of PostgreSQL, MySQL, MariaDB, SQLite, DuckDB, Snowflake and BigQuery.

The road of a record: `address` says which database it is and `engines` what is odd about it, `database` sends it
statements that only read, `relation` is the table or the checked query of a stream, `description` gives its columns
names and types, `changes` writes the SELECT that goes on where the last one stopped, `records` turns rows into records
by the rules of `values`. What goes wrong becomes an error in `faults`.
"""

from connectors.sql.connector import Sql

__all__ = ["Sql"]
