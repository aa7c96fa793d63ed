"""What passes need, and how one of them puts its blocks back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.common.db.database import Database
from services.common.security.envelope import Envelope
from services.delivery.compliance.client import Compliance
from services.delivery.dispatch.leases import Leases
from services.delivery.dispatch.recorder import Recorder
from services.delivery.dispatch.rendering import Renderer
from services.delivery.dispatch.sending import Sending
from services.delivery.fallbacks.handlers import Fallbacks
from services.delivery.limits.gate import Limits
from services.delivery.messages.domain import Channel
from services.delivery.sent.store import Keeper
from services.delivery.templates.cache import TemplateCache

WITHOUT_CONSENT: Final = timedelta(seconds=30)
WITHOUT_ACCOUNT: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Deps:
    """What a pass needs."""

    database: Database
    clock: Clock
    envelope: Envelope
    templates: TemplateCache
    compliance: Compliance
    limits: Limits
    renderer: Renderer
    keeper: Keeper
    sending: Sending
    recorder: Recorder
    fallbacks: Fallbacks
    leases: Leases
    enabled_channels: frozenset[Channel]
    default_zone: ZoneInfo
    unknown_recheck: timedelta


class PutBackError(Exception):
    """The rest of the blocks goes back into the queue for a while; no attempt is used."""

    def __init__(self, after: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.after = after
        self.reason = reason
