"""What refers to a row of this service refers to one that is there: checked from here on.

What is in the tables is looked through by the next revision, under a lock that lets reads and writes pass.
"""

from alembic import op

revision = "0029"
down_revision = "0028"

REFERENCES = (("media_source", "media_id", "media_asset", "media_id", "CASCADE"),)
"""Table, column, the table and column referred to, and what becomes of the row when that goes (nothing lets it go)."""


def upgrade() -> None:
    for table, column, target, key, fate in REFERENCES:
        on_delete = f" ON DELETE {fate}" if fate else ""
        op.execute(
            f"ALTER TABLE delivery.{table} ADD CONSTRAINT fk_{table}_tenant_id_{column} FOREIGN KEY (tenant_id, {column})"
            f" REFERENCES delivery.{target} (tenant_id, {key}){on_delete} NOT VALID"
        )
