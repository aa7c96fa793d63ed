"""Tables of the compliance report."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text, Uuid

from services.analytics.schema import META
from services.common.db.tables import instant, not_negative, one_of

COMPLIANCE_COUNT = Table(
    "compliance_count",
    META,
    Column("tenant_id", Uuid, nullable=False),
    instant("bucket"),
    Column("branch_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "bucket", "branch_id", "kind", "detail"),
    one_of("kind", ("consent", "opt_out", "suppression_added", "suppression_removed", "deferral")),
    not_negative("count"),
)

PRIVACY_REQUEST = Table(
    "privacy_request",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("privacy_request_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    instant("created_at", nullable=True),
    instant("completed_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "privacy_request_id"),
    one_of("kind", ("export", "erasure")),
)
