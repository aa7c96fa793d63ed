"""The links of messages: the way out of marketing, and what is tracked."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.common.templating import CompiledContent, Trail
from services.delivery.templates.cache import Template


class Tracks(Protocol):
    """Makes the trails of one block."""

    def of(self, message_id: bytes, unsubscribe_url: str) -> Trail:
        """Returns the links of one message."""

    async def finish(self) -> None:
        """Stores what is needed before the messages leave."""


class Tracking(Protocol):
    """Decides whether and how opens and clicks are tracked."""

    def is_tracked(self, template: Template, *, is_test: bool) -> bool:
        """Returns whether contents of this template are compiled with tracked links and a pixel."""

    async def begin(
        self, tenant_id: UUID, template: Template, content: CompiledContent, campaign_id: UUID | None
    ) -> Tracks:
        """Returns the maker of trails for messages of a content, its links stored."""


@dataclass(frozen=True, slots=True)
class PublicUrls:
    """Addresses of the public door."""

    base: str

    def unsubscribe(self, token: str) -> str:
        """Returns the way out of marketing for the holder of a token; empty without one."""
        return f"{self.base}/unsubscribe/{token}" if token else ""
