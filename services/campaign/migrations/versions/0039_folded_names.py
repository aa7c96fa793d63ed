"""Names are found by how they begin, within the policies too; an index on tags that the policies keep from use is gone.

What a policy holds back may only be compared by operators that tell nothing of their operands. Of texts these are the
plain comparisons, but neither lower() nor those of arrays.
"""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.execute("DROP INDEX campaign.ix_contact_tags")
    op.execute("DROP INDEX campaign.ix_contact_name")
    op.execute(
        """ALTER TABLE campaign.contact ADD COLUMN name_folded text COLLATE "C" GENERATED ALWAYS AS (lower(name)) STORED"""
    )
    op.execute(
        "CREATE INDEX ix_contact_name ON campaign.contact (tenant_id, name_folded) WHERE name_folded IS NOT NULL"
    )
