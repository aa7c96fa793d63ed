"""What proofs keep of a contact is sealed with the contact's own key."""

from alembic import op

from services.common.contact_data.tables import create_person_key

revision = "0008"
down_revision = "0007"

ERASURE = "angarium_consent_erasure"


def upgrade() -> None:
    create_person_key(op, "consent")
    for table in ("consent", "consent_audit"):
        op.execute(f"ALTER TABLE consent.{table} ADD COLUMN sealed_proof BYTEA")
    op.execute(f"GRANT UPDATE (sealed_proof) ON consent.consent_audit TO {ERASURE}")
