"""Lanes that are paused (DEL-19), and those whose messages wait too long (DEL-64)."""

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid

from services.common.db.tables import instant
from services.delivery.schema import META

lane_control = Table(
    "lane_control",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    instant("changed_at"),
    PrimaryKeyConstraint("tenant_id", "lane"),
    CheckConstraint("(lane >= 1) AND (lane <= 4)", name="lane"),
)

lane_alert = Table(
    "lane_alert",
    META,
    Column("tenant_id", Uuid, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    instant("alerted_at"),
    PrimaryKeyConstraint("tenant_id", "lane"),
    CheckConstraint("(lane >= 1) AND (lane <= 4)", name="lane"),
)
