"""More of contacts, what was told of them, the orders they made, and merging them (CAM-5, CAM-18, CAM-79, CAM-80)."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0013"
down_revision = "0012"

TABLES = ("contact_reach", "contact_fact", "contact_merge", "order_reference")

STATEMENTS = """
ALTER TABLE campaign.contact
    ADD COLUMN assigned_staff_id text,
    ADD COLUMN packages jsonb NOT NULL DEFAULT '[]'::jsonb,
    ADD COLUMN points_expiring integer NOT NULL DEFAULT 0,
    ADD COLUMN points_expire_on date,
    ADD COLUMN attended_event_refs text[] NOT NULL DEFAULT '{}'::text[],
    ADD COLUMN merged_into uuid,
    DROP CONSTRAINT ck_contact_state,
    DROP CONSTRAINT ck_contact_erased,
    ADD CONSTRAINT ck_contact_state CHECK (state BETWEEN 1 AND 4),
    ADD CONSTRAINT ck_contact_erased CHECK ((state = 3) = (erased_at IS NOT NULL) AND (state < 3 OR
        num_nonnulls(first_name, last_name, name, email, email_canonical, phone, branch_id) = 0)
        AND (state <> 3 OR external_id IS NULL)),
    ADD CONSTRAINT ck_contact_merged CHECK ((state = 4) = (merged_into IS NOT NULL)),
    ADD CONSTRAINT ck_contact_packages CHECK (jsonb_typeof(packages) = 'array'),
    ADD CONSTRAINT ck_contact_points_expiring CHECK (points_expiring >= 0);

CREATE TABLE campaign.contact_reach (
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    email_consented BOOLEAN DEFAULT false NOT NULL,
    sms_consented BOOLEAN DEFAULT false NOT NULL,
    whatsapp_consented BOOLEAN DEFAULT false NOT NULL,
    push_consented BOOLEAN DEFAULT false NOT NULL,
    push_reachable BOOLEAN DEFAULT false NOT NULL,
    has_whatsapp BOOLEAN DEFAULT false NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_contact_reach PRIMARY KEY (tenant_id, contact_id)
);

CREATE TABLE campaign.contact_fact (
    tenant_id UUID NOT NULL,
    kind SMALLINT NOT NULL,
    ref TEXT NOT NULL,
    contact_id UUID,
    data JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_contact_fact PRIMARY KEY (tenant_id, kind, ref),
    CONSTRAINT ck_contact_fact_kind CHECK (kind BETWEEN 1 AND 6)
);

CREATE INDEX ix_contact_fact_contact ON campaign.contact_fact (tenant_id, contact_id, kind);

CREATE INDEX ix_contact_fact_updated ON campaign.contact_fact (updated_at) WHERE kind = 1;

CREATE TABLE campaign.contact_merge (
    tenant_id UUID NOT NULL,
    merged_id UUID NOT NULL,
    kept_id UUID NOT NULL,
    merged_by TEXT NOT NULL,
    merged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    moved_up_to UUID,
    moved_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_contact_merge PRIMARY KEY (tenant_id, merged_id)
);

CREATE INDEX ix_contact_merge_waiting ON campaign.contact_merge (merged_at) WHERE moved_at IS NULL;

CREATE TABLE campaign.order_reference (
    tenant_id UUID NOT NULL,
    kind SMALLINT NOT NULL,
    order_ref TEXT NOT NULL,
    contact_id UUID,
    branch_id UUID,
    event_ref TEXT,
    order_number TEXT,
    amount_minor BIGINT,
    currency_code TEXT,
    status TEXT,
    coupon_codes TEXT[] NOT NULL,
    message_id UUID,
    campaign_id UUID,
    paid_at TIMESTAMP WITH TIME ZONE,
    refunded_minor BIGINT NOT NULL,
    fold JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_order_reference PRIMARY KEY (tenant_id, kind, order_ref),
    CONSTRAINT ck_order_reference_kind CHECK (kind IN (1, 2)),
    CONSTRAINT ck_order_reference_amounts CHECK (amount_minor >= 0 AND refunded_minor >= 0),
    CONSTRAINT ck_order_reference_currency_code CHECK (currency_code ~ '^[A-Z]{3}$')
);

CREATE INDEX ix_order_reference_contact ON campaign.order_reference (tenant_id, contact_id) WHERE contact_id IS NOT NULL;

CREATE INDEX ix_order_reference_updated ON campaign.order_reference (updated_at);

CREATE INDEX ix_contact_anniversary ON campaign.contact (tenant_id, anniversary_month, anniversary_day) WHERE anniversary_month > 0;

CREATE INDEX ix_contact_birthday ON campaign.contact (tenant_id, birth_month, birth_day) WHERE birth_month > 0;

CREATE INDEX ix_contact_last_activity ON campaign.contact (tenant_id, last_activity_at) WHERE last_activity_at IS NOT NULL;

CREATE INDEX ix_contact_last_purchase ON campaign.contact (tenant_id, last_purchase_at) WHERE last_purchase_at IS NOT NULL;

CREATE INDEX ix_contact_last_visit ON campaign.contact (tenant_id, last_visit_at) WHERE last_visit_at IS NOT NULL;

CREATE INDEX ix_contact_merged ON campaign.contact (tenant_id, merged_into) WHERE merged_into IS NOT NULL;

CREATE INDEX ix_contact_name ON campaign.contact (tenant_id, lower(name) COLLATE "C") WHERE name IS NOT NULL;

CREATE INDEX ix_contact_staff ON campaign.contact (tenant_id, assigned_staff_id) WHERE assigned_staff_id IS NOT NULL;

CREATE INDEX ix_contact_total_spend ON campaign.contact (tenant_id, total_spend_minor) WHERE total_spend_minor > 0;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in TABLES:
        enable_rls(op, "campaign", table)
