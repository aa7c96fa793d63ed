"""Referrals with their codes and terms, and follow-ups of staff."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    for table in ("referral_settings", "referral_code", "referral", "staff_followup"):
        enable_rls(op, "campaign", table)


_TABLES = """
CREATE TABLE campaign.referral_settings (
    tenant_id UUID NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    referrer_points INTEGER,
    referrer_percentage INTEGER,
    referrer_service_id TEXT,
    referred_percentage INTEGER,
    referred_service_id TEXT,
    max_referrals_per_month INTEGER NOT NULL,
    min_order NUMERIC(18, 6) NOT NULL,
    reward_on SMALLINT NOT NULL,
    expires_after_days INTEGER NOT NULL,
    clawback_days INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_referral_settings PRIMARY KEY (tenant_id),
    CONSTRAINT ck_referral_settings_referrer CHECK (num_nonnulls(referrer_points, referrer_percentage, referrer_service_id) = 1),
    CONSTRAINT ck_referral_settings_referred CHECK (num_nonnulls(referred_percentage, referred_service_id) = 1),
    CONSTRAINT ck_referral_settings_min_order CHECK (min_order >= 0),
    CONSTRAINT ck_referral_settings_reward_on CHECK (reward_on IN (1, 2, 3))
);
CREATE TABLE campaign.referral_code (
    tenant_id UUID NOT NULL,
    code TEXT NOT NULL,
    contact_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_referral_code PRIMARY KEY (tenant_id, code),
    CONSTRAINT ck_referral_code_code CHECK (code = upper(code))
);
CREATE UNIQUE INDEX uq_referral_code_contact ON campaign.referral_code (tenant_id, contact_id);
CREATE TABLE campaign.referral (
    tenant_id UUID NOT NULL,
    referral_id UUID NOT NULL,
    referrer_contact_id UUID NOT NULL,
    referral_code TEXT NOT NULL,
    referred_contact_id UUID NOT NULL,
    referred_phone TEXT,
    state SMALLINT NOT NULL,
    state_before SMALLINT,
    fraud_reason TEXT,
    first_invoice_id TEXT,
    first_invoice_amount NUMERIC(18, 6),
    currency TEXT NOT NULL,
    referrer_points INTEGER,
    referrer_percentage INTEGER,
    referrer_service_id TEXT,
    referrer_coupon_id UUID,
    credits INTEGER DEFAULT 0 NOT NULL,
    referrer_rewarded_at TIMESTAMP WITH TIME ZONE,
    referred_percentage INTEGER,
    referred_service_id TEXT,
    referred_coupon_id UUID,
    referred_rewarded_at TIMESTAMP WITH TIME ZONE,
    ended_coupon_ids UUID[] DEFAULT '{}'::uuid[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    converted_at TIMESTAMP WITH TIME ZONE,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_referral PRIMARY KEY (tenant_id, referral_id),
    CONSTRAINT ck_referral_state CHECK (state IN (1, 2, 3, 4, 5)),
    CONSTRAINT ck_referral_fraud CHECK ((state = 5) = (state_before IS NOT NULL) AND (state = 5) = (fraud_reason IS NOT NULL)),
    CONSTRAINT ck_referral_converted CHECK (state NOT IN (2, 3) OR converted_at IS NOT NULL),
    CONSTRAINT ck_referral_rewarded CHECK (state <> 3 OR referrer_rewarded_at IS NOT NULL)
);
CREATE INDEX ix_referral_code ON campaign.referral (tenant_id, referral_code);
CREATE INDEX ix_referral_due ON campaign.referral (expires_at) WHERE state = 1;
CREATE INDEX ix_referral_invoice ON campaign.referral (tenant_id, first_invoice_id) WHERE first_invoice_id IS NOT NULL;
CREATE INDEX ix_referral_over ON campaign.referral (updated_at) WHERE state = 4;
CREATE INDEX ix_referral_referred ON campaign.referral (tenant_id, referred_contact_id, state);
CREATE INDEX ix_referral_referrer ON campaign.referral (tenant_id, referrer_contact_id, created_at);
CREATE UNIQUE INDEX uq_referral_contact ON campaign.referral (tenant_id, referred_contact_id) WHERE state IN (1, 2, 3);
CREATE UNIQUE INDEX uq_referral_phone ON campaign.referral (tenant_id, referred_phone) WHERE state IN (1, 2, 3);
CREATE TABLE campaign.staff_followup (
    tenant_id UUID NOT NULL,
    followup_id UUID NOT NULL,
    staff_id TEXT NOT NULL,
    contact_id UUID NOT NULL,
    reminder_date DATE NOT NULL,
    reminder_time TEXT,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    note TEXT NOT NULL,
    state SMALLINT NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    notified_at TIMESTAMP WITH TIME ZONE,
    created_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_staff_followup PRIMARY KEY (tenant_id, followup_id),
    CONSTRAINT ck_staff_followup_state CHECK (state IN (1, 2, 3)),
    CONSTRAINT ck_staff_followup_completed CHECK ((state = 2) = (completed_at IS NOT NULL))
);
CREATE INDEX ix_staff_followup_contact ON campaign.staff_followup (tenant_id, contact_id);
CREATE INDEX ix_staff_followup_due ON campaign.staff_followup (due_at) WHERE state = 1 AND notified_at IS NULL;
CREATE INDEX ix_staff_followup_over ON campaign.staff_followup (updated_at) WHERE state > 1;
CREATE INDEX ix_staff_followup_staff ON campaign.staff_followup (tenant_id, staff_id, reminder_date, state);
"""
