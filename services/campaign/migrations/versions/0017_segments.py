"""Members, activities, splits and holdouts of segments (CAM-8, CAM-40)."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0017"
down_revision = "0016"

TABLES = ("contact_activity", "segment_holdout", "segment_member")

STATEMENTS = """
ALTER TABLE campaign.segment
    ADD COLUMN is_dynamic boolean NOT NULL DEFAULT true,
    ADD COLUMN is_active boolean NOT NULL DEFAULT true;

CREATE INDEX ix_segment_active ON campaign.segment (tenant_id, is_active);

CREATE TABLE campaign.segment_member (
    tenant_id UUID NOT NULL,
    segment_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    added_by TEXT,
    CONSTRAINT pk_segment_member PRIMARY KEY (tenant_id, segment_id, contact_id)
);

CREATE INDEX ix_segment_member_contact ON campaign.segment_member (tenant_id, contact_id);

CREATE TABLE campaign.segment_holdout (
    tenant_id UUID NOT NULL,
    segment_id UUID NOT NULL,
    basis_points SMALLINT NOT NULL,
    salt TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_segment_holdout PRIMARY KEY (tenant_id, segment_id),
    CONSTRAINT ck_segment_holdout_basis_points CHECK (basis_points BETWEEN 0 AND 5000)
);

CREATE TABLE campaign.contact_activity (
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    kind SMALLINT NOT NULL,
    activity_id UUID NOT NULL,
    ref TEXT,
    judgement SMALLINT NOT NULL,
    counts BOOLEAN NOT NULL,
    CONSTRAINT pk_contact_activity PRIMARY KEY (tenant_id, contact_id, kind, activity_id),
    CONSTRAINT ck_contact_activity_kind CHECK (kind BETWEEN 1 AND 8)
) PARTITION BY RANGE (activity_id);

CREATE INDEX ix_contact_packages ON campaign.contact (tenant_id) WHERE packages <> '[]'::jsonb;

CREATE INDEX ix_contact_attended ON campaign.contact (tenant_id) WHERE attended_event_refs <> '{}'::text[];

CREATE INDEX ix_contact_membership ON campaign.contact (tenant_id, membership_expires_at) WHERE membership_status = 'active'
"""

# The bucket is the first 8 bytes of the digest, big-endian, modulo 10,000, as variants of campaigns have it (CAM-102);
# as there is no unsigned 8-byte integer, in two halves: 2^32 leaves 7,296.
SPLIT = """
CREATE FUNCTION campaign.split_bucket(salt text, contact uuid) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    drawn bytea := sha256(convert_to(salt || ':' || contact::text, 'UTF8'));
    high bigint := (get_byte(drawn, 0)::bigint << 24) + (get_byte(drawn, 1) << 16) + (get_byte(drawn, 2) << 8)
        + get_byte(drawn, 3);
    low bigint := (get_byte(drawn, 4)::bigint << 24) + (get_byte(drawn, 5) << 16) + (get_byte(drawn, 6) << 8)
        + get_byte(drawn, 7);
BEGIN
    RETURN (high % 10000 * 7296 + low) % 10000;
END
$$
"""

# The id of a contact's line in a run, as an expansion makes it: so lines of one contact are found without an index.
LINE = """
CREATE FUNCTION campaign.line_id(run uuid, contact uuid) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    drawn bytea := sha256(uuid_send(run) || uuid_send(contact));
    mark text := encode(drawn, 'hex');
BEGIN
    RETURN (translate(left(run::text, 13), '-', '') || '7' || left(mark, 3)
        || substr('89ab', (get_byte(drawn, 2) & 3) + 1, 1) || substr(mark, 7, 15))::uuid;
END
$$
"""

PACKAGE_HOLDERS = """
INSERT INTO campaign.segment (tenant_id, segment_id, name, description, rule, branch_ids, kind, contact_count, version,
    created_by, created_at, updated_at)
SELECT tenant_id, (left(campaign.uuid7_floor(now())::text, 15) || right(md5(tenant_id::text), 3) || '-8'
        || left(md5('package' || tenant_id), 3) || '-' || right(md5('holders' || tenant_id), 12))::uuid,
    'Package Holders', '', '{"join": "AND", "groups": [], "conditions":
        [{"op": "EQ", "field": "has_active_package", "value": true}]}'::jsonb, '{}', 1, 0, 1, 'system', now(), now()
FROM campaign.tenant
ON CONFLICT (tenant_id, name) WHERE archived_at IS NULL DO NOTHING
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for statement in (SPLIT, LINE, PACKAGE_HOLDERS):
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, "campaign", table)
    # Events tell of the past: partitions reach as far back as activities are kept.
    op.execute("SELECT campaign.add_month_partitions('contact_activity', now() - interval '13 months', 15)")
