"""What was there before holds to the references too."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.execute(_VALIDATED)


_VALIDATED = """
    DO $$ DECLARE one record; BEGIN
        FOR one IN
            SELECT conname, conrelid::regclass AS held FROM pg_constraint
            WHERE contype = 'f' AND NOT convalidated AND connamespace = 'delivery'::regnamespace
        LOOP
            EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', one.held, one.conname);
        END LOOP;
    END $$
"""
