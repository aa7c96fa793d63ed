"""Coupons, their codes, what is set aside and what was redeemed."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    for table in ("coupon", "coupon_code", "coupon_reservation", "coupon_redemption"):
        enable_rls(op, "campaign", table)


_TABLES = """
CREATE TABLE campaign.coupon (
    tenant_id UUID NOT NULL,
    coupon_id UUID NOT NULL,
    code TEXT,
    code_kind SMALLINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    percentage INTEGER,
    amount NUMERIC(18, 6),
    free_service_id TEXT,
    currency TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    max_total_uses INTEGER,
    max_uses_per_contact INTEGER NOT NULL,
    current_uses INTEGER DEFAULT 0 NOT NULL,
    reserved_uses INTEGER DEFAULT 0 NOT NULL,
    min_order_amount NUMERIC(18, 6),
    max_discount_amount NUMERIC(18, 6),
    branch_ids UUID[] NOT NULL,
    service_ids TEXT[] NOT NULL,
    category_ids TEXT[] NOT NULL,
    segment_id UUID,
    contact_id UUID,
    allow_stacking BOOLEAN NOT NULL,
    requires_marketing_consent BOOLEAN NOT NULL,
    campaign_id UUID,
    state SMALLINT NOT NULL,
    is_told_exhausted BOOLEAN DEFAULT false NOT NULL,
    created_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_coupon PRIMARY KEY (tenant_id, coupon_id),
    CONSTRAINT ck_coupon_discount CHECK (num_nonnulls(percentage, amount, free_service_id) = 1),
    CONSTRAINT ck_coupon_percentage CHECK (percentage BETWEEN 1 AND 10000),
    CONSTRAINT ck_coupon_amount CHECK (amount > 0),
    CONSTRAINT ck_coupon_valid CHECK (valid_from <= valid_until),
    CONSTRAINT ck_coupon_uses CHECK (current_uses >= 0 AND reserved_uses >= 0 AND current_uses + reserved_uses <= max_total_uses),
    CONSTRAINT ck_coupon_code CHECK (code = upper(code)),
    CONSTRAINT ck_coupon_state CHECK (state IN (1, 2))
);
CREATE INDEX ix_coupon_contact ON campaign.coupon (tenant_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_coupon_segment ON campaign.coupon (tenant_id, segment_id) WHERE segment_id IS NOT NULL;
CREATE UNIQUE INDEX uq_coupon_code ON campaign.coupon (tenant_id, code) WHERE code IS NOT NULL;
CREATE TABLE campaign.coupon_code (
    tenant_id UUID NOT NULL,
    code TEXT NOT NULL,
    coupon_id UUID NOT NULL,
    state TEXT NOT NULL,
    contact_id UUID,
    message_id UUID,
    campaign_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_coupon_code PRIMARY KEY (tenant_id, code),
    CONSTRAINT ck_coupon_code_state CHECK (state IN ('free', 'held', 'issued', 'redeemed')),
    CONSTRAINT ck_coupon_code_message CHECK ((state = 'free') = (message_id IS NULL)),
    CONSTRAINT ck_coupon_code_code CHECK (code = upper(code))
);
CREATE INDEX ix_coupon_code_contact ON campaign.coupon_code (tenant_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_coupon_code_coupon ON campaign.coupon_code (tenant_id, coupon_id, state);
CREATE UNIQUE INDEX uq_coupon_code_message ON campaign.coupon_code (tenant_id, message_id) WHERE message_id IS NOT NULL;
CREATE TABLE campaign.coupon_reservation (
    tenant_id UUID NOT NULL,
    reservation_id UUID NOT NULL,
    coupon_id UUID NOT NULL,
    code TEXT NOT NULL,
    contact_id UUID NOT NULL,
    order_ref TEXT NOT NULL,
    discount NUMERIC(18, 6) NOT NULL,
    currency TEXT NOT NULL,
    state SMALLINT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_coupon_reservation PRIMARY KEY (tenant_id, reservation_id),
    CONSTRAINT ck_coupon_reservation_state CHECK (state IN (1, 2, 3, 4))
);
CREATE INDEX ix_coupon_reservation_contact ON campaign.coupon_reservation (tenant_id, contact_id);
CREATE INDEX ix_coupon_reservation_due ON campaign.coupon_reservation (expires_at) WHERE state = 1;
CREATE UNIQUE INDEX uq_coupon_reservation_order ON campaign.coupon_reservation (tenant_id, coupon_id, order_ref) WHERE state = 1;
CREATE TABLE campaign.coupon_redemption (
    tenant_id UUID NOT NULL,
    redemption_id UUID NOT NULL,
    coupon_id UUID NOT NULL,
    code TEXT NOT NULL,
    contact_id UUID NOT NULL,
    invoice_id TEXT NOT NULL,
    branch_id UUID,
    order_amount NUMERIC(18, 6) NOT NULL,
    discount NUMERIC(18, 6) NOT NULL,
    currency TEXT NOT NULL,
    campaign_id UUID,
    message_id UUID,
    reversal_reason TEXT,
    redeemed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reversed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_coupon_redemption PRIMARY KEY (tenant_id, redemption_id),
    CONSTRAINT ck_coupon_redemption_discount CHECK (discount >= 0 AND discount <= order_amount),
    CONSTRAINT ck_coupon_redemption_reversal CHECK ((reversed_at IS NULL) = (reversal_reason IS NULL))
);
CREATE INDEX ix_coupon_redemption_contact ON campaign.coupon_redemption (tenant_id, contact_id, coupon_id);
CREATE INDEX ix_coupon_redemption_invoice ON campaign.coupon_redemption (tenant_id, invoice_id);
CREATE UNIQUE INDEX uq_coupon_redemption_invoice ON campaign.coupon_redemption (tenant_id, coupon_id, invoice_id);
"""
