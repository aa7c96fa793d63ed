"""Who cancelled whole contents; and a message that failed keeps what its fallback needs until that is made."""

from alembic import op

revision = "0013"
down_revision = "0012"

FORGET = """
CREATE OR REPLACE FUNCTION delivery.forget_secret() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state = 11 AND NEW.fallback_message_id IS NULL AND EXISTS (
        SELECT FROM delivery.content c
        WHERE c.tenant_id = NEW.tenant_id AND c.content_id = NEW.content_id AND c.fallback_channel IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    DELETE FROM delivery.message_secret WHERE tenant_id = NEW.tenant_id AND message_id = NEW.message_id;
    RETURN NULL;
END
$$
"""

AGAIN = """
CREATE TRIGGER forget_secret AFTER UPDATE OF state, fallback_message_id ON delivery.message
FOR EACH ROW WHEN (NEW.category = 19 AND NEW.state BETWEEN 7 AND 14) EXECUTE FUNCTION delivery.forget_secret()
"""


def upgrade() -> None:
    op.execute("ALTER TABLE delivery.content ADD COLUMN cancelled_by text")
    op.execute(FORGET)
    op.execute("DROP TRIGGER forget_secret ON delivery.message")
    op.execute(AGAIN)
