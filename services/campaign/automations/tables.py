"""Tables of automations, their versions, runs and steps (LIF-5, LIF-6)."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative, within

AUTOMATION = Table(
    "automation",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("automation_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    # What may start it: the name of an event, or the number of a behaviour.
    Column("starts_on", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    # That of the definition.
    Column("version", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("segment_id", Uuid),
    Column("created_by", Text, nullable=False),
    instant("enabled_at", nullable=True),
    # Of kind time: what is planned next, and the planned time whose runs are being made, up to which contact.
    instant("next_at", nullable=True),
    instant("planned_at", nullable=True),
    Column("filled_to", Uuid),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "automation_id"),
    ForeignKeyConstraint(
        ["tenant_id", "segment_id"], ["campaign.segment.tenant_id", "campaign.segment.segment_id"]
    ),
    not_negative("version", "edition"),
    CheckConstraint("kind BETWEEN 1 AND 4", name="kind"),
    CheckConstraint("state BETWEEN 1 AND 3", name="state"),
    Index("ix_automation_starts_on", "tenant_id", "starts_on", postgresql_where=text("state = 1")),
    Index("ix_automation_next_at", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("ix_automation_planned_at", "planned_at", postgresql_where=text("planned_at IS NOT NULL")),
)

AUTOMATION_VERSION = Table(
    "automation_version",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("automation_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("definition", JSONB, nullable=False),
    # Names of all events that start, end or continue its runs.
    Column("events", ARRAY(Text), nullable=False),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "automation_id", "version"),
    not_negative("version"),
    ForeignKeyConstraint(
        ["tenant_id", "automation_id"],
        ["campaign.automation.tenant_id", "campaign.automation.automation_id"],
        ondelete="CASCADE",
    ),
)

AUTOMATION_RUN = Table(
    "automation_run",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("automation_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("contact_id", Uuid),
    Column("trigger_key", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("current_step", SmallInteger),
    # When it is looked at next; empty when nothing but an event or an outcome moves it.
    instant("due_at", nullable=True),
    # Names of events that end it, or that it waits for.
    Column("listens", ARRAY(Text), nullable=False),
    # Number of the behaviour that started it, and the cart or subject it is about.
    Column("behaviour", SmallInteger, nullable=False),
    Column("reference", Text, nullable=False),
    # What it was started with, sealed; gone when it ends.
    Column("data", LargeBinary),
    Column("event_id", Uuid),
    # The automations whose runs led to it, the first one first.
    Column("ancestry", ARRAY(Uuid), nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("error", Text, nullable=False),
    instant("started_at"),
    instant("finished_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "run_id"),
    ForeignKeyConstraint(
        ["tenant_id", "automation_id"], ["campaign.automation.tenant_id", "campaign.automation.automation_id"]
    ),
    within("behaviour", 0, 4),
    not_negative("version", "current_step"),
    CheckConstraint("state BETWEEN 1 AND 6", name="state"),
    CheckConstraint("(state <= 2) = (finished_at IS NULL)", name="finished"),
    CheckConstraint("state <= 2 OR due_at IS NULL", name="due"),
    Index(
        "uq_automation_run_trigger", "tenant_id", "automation_id", "trigger_key", "contact_id", unique=True
    ),
    Index("ix_automation_run_due", "tenant_id", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("ix_automation_run_open", "tenant_id", "contact_id", postgresql_where=text("state <= 2")),
    Index("ix_automation_run_contact", "tenant_id", "contact_id", "automation_id", "started_at"),
    Index("ix_automation_run_list", "tenant_id", "automation_id", "run_id"),
    Index("ix_automation_run_finished", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
)

AUTOMATION_STEP = Table(
    "automation_step",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("index", SmallInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    instant("due_at", nullable=True),
    Column("attempts", SmallInteger, nullable=False),
    Column("result", JSONB, nullable=False),
    Column("message_ids", ARRAY(Uuid), nullable=False),
    # Of a webhook: the id that its partner sees; since when delivery has it.
    Column("call_id", Uuid),
    instant("handed_at", nullable=True),
    Column("error", Text, nullable=False),
    instant("started_at"),
    instant("finished_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "run_id", "index"),
    not_negative("index", "attempts"),
    ForeignKeyConstraint(
        ["tenant_id", "run_id"],
        ["campaign.automation_run.tenant_id", "campaign.automation_run.run_id"],
        ondelete="CASCADE",
    ),
    CheckConstraint("state BETWEEN 1 AND 4", name="state"),
    Index("ix_automation_step_due", "due_at", postgresql_where=text("state = 1 AND call_id IS NOT NULL")),
    Index("ix_automation_step_call", "tenant_id", "call_id", postgresql_where=text("call_id IS NOT NULL")),
)

AUTOMATION_CAUSE = Table(
    "automation_cause",
    META,
    Column("tenant_id", Uuid, nullable=False),
    # Id of an event or call that a run brought about.
    Column("cause_id", Text, nullable=False),
    Column("ancestry", ARRAY(Uuid), nullable=False),
    instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "cause_id"),
    Index("ix_automation_cause_created_at", "created_at"),
)
