"""Media assets, and what the URLs they were fetched from led to."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0016"
down_revision = "0015"

MEDIA = """
CREATE TABLE delivery.media_asset (
    tenant_id uuid NOT NULL,
    media_id uuid NOT NULL,
    kind smallint NOT NULL CONSTRAINT ck_media_asset_kind CHECK (kind BETWEEN 1 AND 3),
    content_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    alt text NOT NULL,
    source_url text NOT NULL,
    checksum bytea NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_media_asset PRIMARY KEY (tenant_id, media_id)
);
CREATE UNIQUE INDEX uq_media_asset_checksum ON delivery.media_asset (tenant_id, checksum);
ALTER TABLE delivery.media_asset ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE TABLE delivery.media_source (
    tenant_id uuid NOT NULL,
    url_hash bytea NOT NULL,
    media_id uuid NOT NULL,
    fetched_at timestamptz NOT NULL,
    CONSTRAINT pk_media_source PRIMARY KEY (tenant_id, url_hash)
);
CREATE INDEX ix_media_source_media_id ON delivery.media_source (tenant_id, media_id);
CREATE INDEX ix_media_source_fetched_at ON delivery.media_source (fetched_at)
"""


def upgrade() -> None:
    for statement in MEDIA.split(";\n"):
        op.execute(statement)
    for table in ("media_asset", "media_source"):
        enable_rls(op, "delivery", table)
