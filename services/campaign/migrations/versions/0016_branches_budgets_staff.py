"""Branches, budgets of branches with what runs hold of them, and more of settings and staff (CAM-1 to CAM-6)."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0016"
down_revision = "0015"

TABLES = ("branch", "budget_reservation", "staff_alert")

STATEMENTS = """
ALTER TABLE campaign.tenant ADD COLUMN version integer NOT NULL DEFAULT 1;

ALTER TABLE campaign.marketing_settings
    ADD COLUMN whatsapp_provider text NOT NULL DEFAULT ''::text,
    ADD COLUMN whatsapp_business_number text NOT NULL DEFAULT ''::text,
    ADD COLUMN whatsapp_business_id text NOT NULL DEFAULT ''::text,
    ADD COLUMN sms_provider text NOT NULL DEFAULT ''::text,
    ADD COLUMN sms_sender_id text NOT NULL DEFAULT ''::text,
    ADD COLUMN sms_callback_number text NOT NULL DEFAULT ''::text,
    ADD COLUMN email_provider text NOT NULL DEFAULT ''::text,
    ADD COLUMN delivery_order smallint NOT NULL DEFAULT 0,
    ADD COLUMN order_due_at timestamptz,
    ADD COLUMN order_attempts integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT ck_marketing_settings_delivery_order CHECK (delivery_order BETWEEN 0 AND 2);

CREATE INDEX ix_marketing_settings_order ON campaign.marketing_settings (order_due_at) WHERE delivery_order > 0;

CREATE TABLE campaign.branch (
    tenant_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    name TEXT NOT NULL,
    marketing_enabled BOOLEAN NOT NULL,
    monthly_budget_limit NUMERIC(18, 6),
    time_zone TEXT NOT NULL,
    region_code TEXT NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_branch PRIMARY KEY (tenant_id, branch_id),
    CONSTRAINT ck_branch_budget CHECK (monthly_budget_limit >= 0)
);

ALTER TABLE campaign.budget_period
    ADD COLUMN branch_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'::uuid,
    ADD COLUMN limit_amount numeric(18, 6),
    ADD COLUMN uncounted numeric(18, 6) NOT NULL DEFAULT 0,
    ADD COLUMN alerted_at timestamptz,
    ADD COLUMN exhausted_at timestamptz,
    ADD COLUMN closed_at timestamptz,
    DROP CONSTRAINT pk_budget_period,
    ADD CONSTRAINT pk_budget_period PRIMARY KEY (tenant_id, month, branch_id),
    ADD CONSTRAINT ck_budget_period_uncounted CHECK (uncounted >= 0);

UPDATE campaign.budget_period p SET limit_amount = s.monthly_budget_limit
FROM campaign.marketing_settings s WHERE s.tenant_id = p.tenant_id;

CREATE INDEX ix_budget_period_open ON campaign.budget_period (month) WHERE closed_at IS NULL;

DROP INDEX campaign.ix_budget_entry_run;

DROP INDEX campaign.ix_budget_entry_month;

ALTER TABLE campaign.budget_entry
    DROP COLUMN source_event_id,
    ADD COLUMN branch_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'::uuid,
    ADD COLUMN is_counted boolean NOT NULL DEFAULT true,
    ADD COLUMN attempt smallint NOT NULL DEFAULT 0,
    ADD COLUMN earlier numeric(18, 6) NOT NULL DEFAULT 0,
    DROP CONSTRAINT pk_budget_entry,
    ADD CONSTRAINT pk_budget_entry PRIMARY KEY (tenant_id, entry_id, kind, month);

CREATE INDEX ix_budget_entry_month ON campaign.budget_entry (month);

CREATE TABLE campaign.budget_reservation (
    tenant_id UUID NOT NULL,
    run_id UUID NOT NULL,
    branch_id UUID DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    campaign_id UUID NOT NULL,
    month TEXT NOT NULL,
    share NUMERIC(18, 6) NOT NULL,
    held NUMERIC(18, 6) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_budget_reservation PRIMARY KEY (tenant_id, run_id, branch_id),
    CONSTRAINT ck_budget_reservation_share CHECK (share >= 0),
    CONSTRAINT ck_budget_reservation_held CHECK (held >= 0)
);

CREATE INDEX ix_budget_reservation_month ON campaign.budget_reservation (tenant_id, month) WHERE held > 0;

ALTER TABLE campaign.staff_member
    ADD COLUMN branch_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
    ADD COLUMN phone text NOT NULL DEFAULT ''::text,
    ADD COLUMN is_disabled boolean NOT NULL DEFAULT false;

CREATE TABLE campaign.staff_alert (
    tenant_id UUID NOT NULL,
    alert_id UUID NOT NULL,
    template_name TEXT NOT NULL,
    role TEXT NOT NULL,
    branch_id UUID,
    variables JSONB NOT NULL,
    state TEXT DEFAULT 'waiting'::text NOT NULL,
    reason TEXT,
    attempts INTEGER DEFAULT 0 NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_staff_alert PRIMARY KEY (tenant_id, alert_id),
    CONSTRAINT ck_staff_alert_state CHECK (state IN ('waiting', 'sent', 'dropped')),
    CONSTRAINT ck_staff_alert_reason CHECK ((state = 'dropped') = (reason IS NOT NULL))
);

CREATE INDEX ix_staff_alert_due ON campaign.staff_alert (due_at) WHERE state = 'waiting';

CREATE INDEX ix_staff_alert_created ON campaign.staff_alert (created_at)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, "campaign", table)
