"""Feedback of contacts, and the requests for it."""

from alembic import op

from services.common.db.rls import enable_rls

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    for table in ("feedback_request", "feedback"):
        enable_rls(op, "campaign", table)


_TABLES = """
CREATE TABLE campaign.feedback_request (
    tenant_id UUID NOT NULL,
    request_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    branch_id UUID,
    reference_id TEXT NOT NULL,
    visited_at TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    responded_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_feedback_request PRIMARY KEY (tenant_id, request_id)
);
CREATE UNIQUE INDEX uq_feedback_request_reference ON campaign.feedback_request (tenant_id, contact_id, reference_id);
CREATE INDEX ix_feedback_request_expires_at ON campaign.feedback_request USING brin (expires_at);
CREATE TABLE campaign.feedback (
    tenant_id UUID NOT NULL,
    feedback_id UUID NOT NULL,
    request_id UUID,
    contact_id UUID NOT NULL,
    branch_id UUID,
    reference_id TEXT NOT NULL,
    rating SMALLINT NOT NULL,
    comment TEXT NOT NULL,
    source TEXT NOT NULL,
    handled_by TEXT,
    handled_at TIMESTAMP WITH TIME ZONE,
    handled_note TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_feedback PRIMARY KEY (tenant_id, feedback_id),
    CONSTRAINT ck_feedback_rating CHECK (rating BETWEEN 1 AND 5),
    CONSTRAINT ck_feedback_source CHECK (source IN ('link', 'staff', 'api')),
    CONSTRAINT ck_feedback_handled CHECK (num_nonnulls(handled_by, handled_at, handled_note) IN (0, 3))
);
CREATE UNIQUE INDEX uq_feedback_reference ON campaign.feedback (tenant_id, contact_id, reference_id);
CREATE INDEX ix_feedback_created_at ON campaign.feedback (tenant_id, created_at);
CREATE INDEX ix_feedback_waiting ON campaign.feedback (tenant_id, feedback_id) WHERE rating <= 2 AND handled_at IS NULL;
"""
