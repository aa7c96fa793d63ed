"""Since when the store of the rate limits remembers what hand-overs count."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE delivery.rate_memory ("
        "place smallint NOT NULL CONSTRAINT ck_rate_memory_place CHECK (place = 1),"
        " mark bigint NOT NULL,"
        " CONSTRAINT pk_rate_memory PRIMARY KEY (place))"
    )
