"""Who was erased; of an erased contact only its id, tenant and instant stay."""

from alembic import op

from services.common.contact_data.tables import create_erased_person

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_erased_person(op, "campaign")
    op.execute(
        "ALTER TABLE campaign.contact ADD COLUMN erased_at timestamptz, ADD CONSTRAINT ck_contact_erased CHECK ("
        "(state = 3) = (erased_at IS NOT NULL) AND (state < 3 OR num_nonnulls(external_id, first_name, last_name,"
        " name, email, email_canonical, phone, branch_id) = 0))"
    )
