"""What refers to a row of this service refers to one that is there: checked from here on.

What is in the tables is looked through by the next revision, under a lock that lets reads and writes pass.

An import of a registry, which all tenants share, knows the tenant of whoever asked for it.
"""

from alembic import op

revision = "0016"
down_revision = "0015"

REFERENCES = (
    ("privacy_piece", "privacy_request_id", "privacy_request", "privacy_request_id", "CASCADE"),
    ("privacy_step", "privacy_request_id", "privacy_request", "privacy_request_id", "CASCADE"),
)
"""Table, column, the table and column referred to, and what becomes of the row when that goes (nothing lets it go)."""


def upgrade() -> None:
    op.execute("ALTER TABLE consent.dnd_import ADD COLUMN requested_in uuid")
    for table, column, target, key, fate in REFERENCES:
        on_delete = f" ON DELETE {fate}" if fate else ""
        op.execute(
            f"ALTER TABLE consent.{table} ADD CONSTRAINT fk_{table}_tenant_id_{column} FOREIGN KEY (tenant_id, {column})"
            f" REFERENCES consent.{target} (tenant_id, {key}){on_delete} NOT VALID"
        )
