"""Tables of the send ledger (CAM-16)."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from services.campaign.schema import META
from services.common.db.tables import instant, not_negative

# The ledger. Narrow, because it is written once and changed three times per recipient: no address (it is read from
# the contact at hand-over, so an erasure has nothing to find here), no campaign (the run names it), and no index on
# what changes, so that updates stay within their page. No foreign keys: a line is checked by how it is made.
CAMPAIGN_RECIPIENT = Table(
    "campaign_recipient",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("recipient_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    instant("sent_at", nullable=True),
    instant("delivered_at", nullable=True),
    Column("block_no", Integer, nullable=False),
    Column("variant", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("complained", Boolean, nullable=False),
    Column("cost", Numeric(18, 6)),
    # What each attempt cost, by its number; their sum beside it.
    Column("costs", ARRAY(Numeric(18, 6))),
    Column("reason", Text),
    PrimaryKeyConstraint("tenant_id", "recipient_id"),
    not_negative("variant", "cost"),
    CheckConstraint("state BETWEEN 1 AND 11", name="state"),
    Index("ix_campaign_recipient_block", "tenant_id", "run_id", "block_no"),
    postgresql_partition_by="RANGE (recipient_id)",
)
