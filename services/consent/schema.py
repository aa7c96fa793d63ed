"""The metadata all tables of this service hang on, and the words their check constraints know."""

from sqlalchemy import CheckConstraint

from services.common.contact_data.tables import add_person_key
from services.common.db.tables import add_common_tables, metadata

META = metadata("consent")
add_common_tables(META)
add_person_key(META)

CHANNELS = ("email", "sms", "whatsapp", "push", "in_app", "webhook")
CONSENT_CHANNELS = ("email", "sms", "whatsapp", "push")
MESSAGE_CLASSES = ("transactional", "marketing", "system")
FREQUENCIES = ("immediate", "daily", "weekly", "monthly")
JURISDICTION = "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
"""A country, or a part of one (ISO 3166)."""


def is_hash(column: str) -> CheckConstraint:
    """Returns the check that a column holds a keyed hash."""
    return CheckConstraint(f"octet_length({column}) = 32", name=column)


__all__ = [
    "CHANNELS",
    "CONSENT_CHANNELS",
    "FREQUENCIES",
    "JURISDICTION",
    "MESSAGE_CLASSES",
    "META",
    "is_hash",
]
