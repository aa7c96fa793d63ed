"""Where a contact stands over all channels: flags that are derived, never stored (CON-21, CON-104)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.consent.consents.domain import Consent
from services.consent.schema import CONSENT_CHANNELS

CONSENT_FLAGS = {f"{channel}_consent": channel for channel in CONSENT_CHANNELS}
"""Fields that are a consent on a channel."""

SAID = ("preferred_channel", "language_code")
"""Fields that are preferences."""

PATHS = frozenset({*CONSENT_FLAGS, *SAID, "is_dnd", "marketing_opted_out"})
"""What an update may name."""

_OPT_OUT_SOURCES = {
    "web_form": "customer_request",
    "preference_page": "preference_page",
    "sms_keyword": "sms_keyword",
    "unsubscribe_link": "unsubscribe_link",
    "complaint": "complaint",
    "import": "import",
}


def opt_out_source(source: str) -> str:
    """Returns where an opt-out came from that was recorded with a consent's source."""
    return _OPT_OUT_SOURCES.get(source, "manual")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a contact stands."""

    contact_id: UUID
    consents: Mapping[str, Consent]
    """Tenant-wide marketing rows by channel."""
    opted_out: bool
    opted_out_at: datetime | None
    opt_out_source: str | None
    asserted_dnd: bool
    is_registered: bool
    """True when a registry of the tenant lists the contact's number."""
    preferred_channel: str
    language_code: str
    preference_version: int

    @property
    def is_dnd(self) -> bool:
        """Returns whether do-not-disturb was asserted, or a registry lists the number."""
        return self.asserted_dnd or self.is_registered

    def consents_to(self, channel: str, at: datetime) -> bool:
        """Returns whether a tenant-wide marketing consent holds on a channel at an instant."""
        row = self.consents.get(channel)
        return row is not None and row.status_at(at) == "granted"

    @property
    def etag(self) -> str:
        """Returns the version of all of it: it changes with every row and flag."""
        rows = sorted((str(row.consent_id), row.version) for row in self.consents.values())
        return hashlib.sha256(repr((self.preference_version, rows)).encode()).hexdigest()[:24]
