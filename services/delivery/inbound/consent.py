"""Asking consent what a text of a person means; it does what the text says (CON-26, CON-61)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from angarium.consent.v1 import consent_service_pb2 as pb
from angarium.consent.v1 import consent_service_pb2_grpc as grpc_pb
from services.common.rpc.client import Channels, as_tenant
from services.delivery.enums import wire
from services.delivery.messages.domain import Channel

_PREFIX: Final = "INBOUND_ACTION_"


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a person sent to a number of a tenant."""

    account_id: UUID
    channel: Channel
    from_address: str
    text: str
    provider_message_id: str
    received_at: datetime
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """What consent did about a text, and how its sender is answered."""

    action: str
    reply: str
    """Name of a system template; empty when nothing is answered."""
    language: str
    contact_id: str


class TextReader(Protocol):
    """Understands texts; a repeat changes nothing."""

    async def read(self, tenant_id: UUID, text: Text) -> Understood:
        """Carries out what a text asks for, a stop or a start; returns how it was understood."""


class ConsentTexts:
    """Asks the consent service."""

    def __init__(self, channels: Channels) -> None:
        self._stub = channels.stub(grpc_pb.ConsentServiceStub, "consent")

    async def read(self, tenant_id: UUID, text: Text) -> Understood:
        """Lets consent carry out what a text asks for; returns how it was understood."""
        request = pb.HandleInboundTextRequest(
            channel=wire(text.channel),
            from_address=text.from_address,
            text=text.text,
            provider_account_id=str(text.account_id),
            provider_message_id=text.provider_message_id,
        )
        request.receive_time.FromDatetime(text.received_at)
        with as_tenant(tenant_id):
            found = await self._stub.HandleInboundText(request)
        action = pb.InboundAction.Name(found.action).removeprefix(_PREFIX).lower()
        return Understood(action, found.reply_key, found.language_code, found.contact_id)
