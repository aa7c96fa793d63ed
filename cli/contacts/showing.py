"""Contacts as documents for programs, rows of a file, and lines for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cli.moments import instant, instant_of
from cli.operating.calls import CHANNELS, word_of

if TYPE_CHECKING:
    from angarium.campaign.v1 import contact_pb2

_STATES: Final = {1: "active", 2: "blocked", 3: "erased"}
_PLAIN: Final = (
    "contact_id",
    "external_id",
    "branch_id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "name",
    "language_code",
    "time_zone",
    "region_code",
    "source",
    "customer_type",
    "birth_date",
    "anniversary_date",
    "visit_count",
    "purchase_count",
    "total_spend_minor",
    "membership_status",
    "loyalty_points",
    "points_expiring",
    "points_expire_date",
    "assigned_staff_id",
)
_INSTANTS: Final = (
    "first_visit_time",
    "last_visit_time",
    "last_purchase_time",
    "last_activity_time",
    "membership_expire_time",
    "create_time",
    "update_time",
)
COLUMNS: Final = (*_PLAIN, "tags", *_INSTANTS, "engagement_score", "consented_channels", "state")
"""Columns of a CSV file, before one for each attribute; `angarium import contacts` understands the first ones."""


def document(contact: "contact_pb2.Contact") -> dict[str, Any]:
    """Returns everything about a contact."""
    found: dict[str, Any] = {name: getattr(contact, name) for name in _PLAIN}
    found |= {name: instant(getattr(contact, name)) if contact.HasField(name) else None for name in _INSTANTS}
    return found | {
        "tags": list(contact.tags),
        "attributes": {key: _plain(value) for key, value in contact.attributes.fields.items()},
        "packages": [
            {
                "package_ref": one.package_ref,
                "name": one.name,
                "remaining": one.remaining_count,
                "expires": instant_of(one, "expire_time"),
            }
            for one in contact.packages
        ],
        "attended_event_refs": list(contact.attended_event_refs),
        "engagement_score": contact.engagement_score if contact.HasField("engagement_score") else None,
        "push_reachable": contact.push_reachable,
        "has_whatsapp": contact.has_whatsapp,
        "consented_channels": [word_of(one, CHANNELS) for one in contact.consented_channels],
        "state": _STATES.get(contact.state, "unknown"),
    }


def row(shown: Mapping[str, Any], attributes: tuple[str, ...]) -> list[Any]:
    """Returns a contact as a row of a CSV file."""
    cells = [";".join(shown[name]) if isinstance(shown[name], list) else shown[name] for name in COLUMNS]
    return [_safe(cell) for cell in (*cells, *(shown["attributes"].get(key) for key in attributes))]


def _safe(cell: Any) -> Any:
    """Returns a cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell[:1] in ("=", "@", "\t", "\r"):
        return f"'{cell}"
    return "" if cell is None else cell


def _plain(value: Any) -> Any:
    found = getattr(value, value.WhichOneof("kind"))
    return int(found) if isinstance(found, float) and found.is_integer() else found
