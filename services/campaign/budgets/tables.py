"""Tables of the budget ledger (CAM-4)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

_NOBODYS = "'00000000-0000-0000-0000-000000000000'::uuid"


def _amount(name: str) -> Column[object]:
    return Column(name, Numeric(18, 6), nullable=False, server_default=text("0"))


def _branch() -> Column[object]:
    # A branch of zeros is none: a period of the whole tenant, an entry that is charged to the tenant alone.
    return Column("branch_id", Uuid, nullable=False, server_default=text(_NOBODYS))


BUDGET_PERIOD = Table(
    "budget_period",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("month", Text, nullable=False),
    Column("reserved", Numeric(18, 6), nullable=False),
    Column("spent", Numeric(18, 6), nullable=False),
    instant("created_at"),
    instant("updated_at"),
    _branch(),
    # The limit as it stands, and once the month is over, as it then stood.
    Column("limit_amount", Numeric(18, 6)),
    # What transactional and system messages cost: told, and held against no limit.
    _amount("uncounted"),
    instant("alerted_at", nullable=True),
    instant("exhausted_at", nullable=True),
    instant("closed_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "month", "branch_id"),
    not_negative("limit_amount"),
    CheckConstraint("reserved >= 0", name="reserved"),
    CheckConstraint("spent >= 0", name="spent"),
    CheckConstraint("uncounted >= 0", name="uncounted"),
    Index("ix_budget_period_open", "month", postgresql_where=text("closed_at IS NULL")),
)

# Every sum of a period is the sum of its entries. One entry a message, kind and month.
BUDGET_ENTRY = Table(
    "budget_entry",
    META,
    Column("tenant_id", Uuid, nullable=False),
    # The message's id; of what concerns a run as a whole, an id of its own.
    Column("entry_id", Uuid, nullable=False),
    Column("month", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", Numeric(18, 6), nullable=False),
    Column("campaign_id", Uuid),
    Column("run_id", Uuid),
    instant("created_at"),
    _branch(),
    Column("is_counted", Boolean, nullable=False, server_default=text("true")),
    # Of what was spent: what each attempt cost, by its number; the amount is their sum.
    Column("costs", ARRAY(Numeric(18, 6))),
    PrimaryKeyConstraint("tenant_id", "entry_id", "kind", "month"),
    CheckConstraint("kind IN ('reserve', 'release', 'spend')", name="kind"),
    CheckConstraint("amount >= 0", name="amount"),
    Index("ix_budget_entry_month", "month"),
)

# What a run still holds of a month; each message gives its share back once, the end of the run what is left.
BUDGET_RESERVATION = Table(
    "budget_reservation",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    _branch(),
    Column("campaign_id", Uuid, nullable=False),
    Column("month", Text, nullable=False),
    Column("share", Numeric(18, 6), nullable=False),
    Column("held", Numeric(18, 6), nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "run_id", "branch_id"),
    CheckConstraint("share >= 0", name="share"),
    CheckConstraint("held >= 0", name="held"),
    Index("ix_budget_reservation_month", "tenant_id", "month", postgresql_where=text("held > 0")),
)
