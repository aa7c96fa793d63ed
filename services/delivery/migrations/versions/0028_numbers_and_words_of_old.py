"""What was there before holds to the checks of numbers and words too."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute(_VALIDATED)


_VALIDATED = """
    DO $$ DECLARE one record; BEGIN
        FOR one IN
            SELECT k.conname, k.conrelid::regclass AS held FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
            WHERE k.contype = 'c' AND NOT k.convalidated AND k.coninhcount = 0 AND c.relnamespace = 'delivery'::regnamespace
        LOOP
            EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', one.held, one.conname);
        END LOOP;
    END $$
"""
