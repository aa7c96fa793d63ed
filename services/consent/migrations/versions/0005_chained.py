"""Every new row of the trail is part of a chain, and a chain remembers that its head was once not ours.

Rows from before there were chains have none: the check is not asked of them.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE consent.consent_chain ADD COLUMN foreign_at TIMESTAMP WITH TIME ZONE")
    op.execute(
        "ALTER TABLE consent.consent_audit ADD CONSTRAINT ck_consent_audit_chained"
        " CHECK (num_nulls(chain_id, sequence, previous_hash, entry_hash, commitment) = 0) NOT VALID"
    )
    op.execute(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM consent.consent_audit) THEN"
        " ALTER TABLE consent.consent_audit VALIDATE CONSTRAINT ck_consent_audit_chained; END IF; END $$"
    )
