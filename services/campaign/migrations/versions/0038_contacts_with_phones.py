"""Contacts without a phone number or a branch stand in no index of those, so that an import does not pay for them."""

from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    for name, column in (("ix_contact_phone", "phone"), ("ix_contact_branch", "branch_id")):
        op.execute(f"DROP INDEX campaign.{name}")
        op.execute(
            f"CREATE INDEX {name} ON campaign.contact (tenant_id, {column}) WHERE {column} IS NOT NULL"
        )
