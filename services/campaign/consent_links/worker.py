"""The loop that hands messages with links that consent makes to delivery, each once (CON-57, GAT-33).

The message's id is chosen when the asking is noted, so a repeat after a kill is known to delivery and sends nothing.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_service_pb2 as consent_pb
from angarium.consent.v1 import preference_service_pb2 as preference_pb
from angarium.consent.v1.consent_service_pb2_grpc import ConsentServiceStub
from angarium.consent.v1.preference_service_pb2_grpc import PreferenceServiceStub
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as delivery_pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from services.campaign.consent_links import store
from services.campaign.consent_links.store import Due
from services.campaign.contacts import store as contacts
from services.campaign.contacts.domain import Contact, ContactState
from services.campaign.templates import resolving as templates
from services.campaign.templates.domain import EMAIL, PUSH, MessageClass
from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.loops import repeat
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

CONFIRMATION: Final = ("consent-confirmation", "confirmation_url")
FRESH_LINK: Final = ("fresh-link", "linkUrl")
"""Template of a message, and the variable that carries its link."""
LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 20
LONGEST_WAIT: Final = timedelta(minutes=10)

_PERMANENT = frozenset(
    {"VALIDATION_FAILED", "NOT_FOUND", "INVALID_RECIPIENT", "MISSING_VARIABLES", "TEMPLATE_INVALID"}
    | {"CONTACT_ERASED"}
)
"""Reasons that another try would meet again."""


class _DroppedError(Exception):
    """Raised when nobody is to be asked any more, or nobody can be."""


@dataclass(frozen=True, slots=True)
class _Link:
    """A link as consent tells it, and whom it is for."""

    template: str
    variable: str
    url: str
    channel: enums_pb2.Channel
    contact_id: str
    address: str
    """The only address it may go to; empty for a contact, on the channel's own."""
    expires: Timestamp
    language: str = ""
    """Language for somebody of whom none is known."""


class ConsentLinkWorker:
    """Hands askings over; any number of processes may."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._consent = channels.stub(ConsentServiceStub, "consent")
        self._preferences = channels.stub(PreferenceServiceStub, "consent")
        self._delivery = channels.stub(MessageServiceStub, "delivery")

    async def loop(self, stop: asyncio.Event) -> None:
        """Works until stop is set and what is in hand is finished."""
        await repeat(self.step, stop, "consent-links")

    async def step(self) -> bool:
        """Hands over what is due; False when nothing is."""
        async with self._database.system() as uow:
            due = await store.claim(uow, LEASE, AT_ONCE)
        await asyncio.gather(*(self._settle(one) for one in due))
        return bool(due)

    async def _settle(self, due: Due) -> None:
        """Hands one asking over, drops it, or lets it wait."""
        try:
            await self._hand_over(due)
        except _DroppedError as error:
            await self._finish(due, str(error))
        except ServiceError as error:
            if error.reason == "IDEMPOTENCY_CONFLICT":
                # Delivery has it: it was accepted before, when the address or the template was another one.
                await self._finish(due)
            elif error.reason in _PERMANENT:
                await self._finish(due, error.reason.lower())
            else:
                wait = backoff(due.attempts, base=timedelta(seconds=1), cap=LONGEST_WAIT)
                async with self._database.tenant(due.tenant_id) as uow:
                    await store.postpone(uow, due.message_id, uow.now() + wait)
        else:
            await self._finish(due)

    async def _finish(self, due: Due, dropped: str = "") -> None:
        if dropped:
            logger.info("confirmation %s is not sent: %s", due.message_id, dropped)
        async with self._database.tenant(due.tenant_id) as uow:
            await store.finish(uow, due.message_id, dropped)

    async def _hand_over(self, due: Due) -> None:
        if due.expires_at <= self._database.clock.now():
            raise _DroppedError("expired")
        with as_tenant(due.tenant_id):
            link = await (self._fresh_link(due) if due.request_id else self._confirmation(due))
            request = await self._request(due, link)
            await self._delivery.SendMessage(request)

    async def _confirmation(self, due: Due) -> _Link:
        asked = consent_pb.GetConfirmationLinkRequest(consent_id=str(due.consent_id))
        try:
            link: consent_pb.GetConfirmationLinkResponse = await self._consent.GetConfirmationLink(asked)
        except ServiceError as error:
            if error.reason in ("VALIDATION_FAILED", "NOT_FOUND"):
                raise _DroppedError("not_waiting") from None
            raise
        if link.confirmation_count != due.count:
            raise _DroppedError("superseded")
        return _Link(
            *CONFIRMATION,
            url=link.url,
            channel=link.channel,
            contact_id=link.contact_id,
            address=link.address,
            expires=link.expire_time,
        )

    async def _fresh_link(self, due: Due) -> _Link:
        asked = preference_pb.GetFreshLinkRequest(request_id=str(due.request_id))
        try:
            link: preference_pb.GetFreshLinkResponse = await self._preferences.GetFreshLink(asked)
        except ServiceError as error:
            if error.reason == "NOT_FOUND":
                raise _DroppedError("nobody_known") from None
            raise
        return _Link(
            *FRESH_LINK,
            url=link.url,
            channel=link.channel,
            contact_id=link.contact_id,
            address=link.address,
            expires=link.expire_time,
            language=link.language_code,
        )

    async def _request(self, due: Due, link: _Link) -> delivery_pb.SendMessageRequest:
        """Returns the message: to the contact as it is now, or to the bare address that consent was asked for."""
        async with self._database.tenant(due.tenant_id) as uow:
            contact = (
                await contacts.by_key(uow, contact_id=UUID(link.contact_id)) if link.contact_id else None
            )
            found = await templates.named(uow, link.template, link.channel)
        if found is not None and found[0].message_class is MessageClass.MARKETING:
            # Nobody consented to it: a tenant's own template of this name may carry the link, and not advertise.
            raise _DroppedError("marketing_template")
        if found is None:
            raise _DroppedError("no_template")
        template, version = found
        variables = Struct()
        variables.update({link.variable: link.url})
        request = delivery_pb.SendMessageRequest(
            content=delivery_pb.MessageContent(
                channel=link.channel,
                category=template.category,  # type: ignore[arg-type]  # numbered as in the contract
                template_version_id=str(version.version_id),
                priority=enums_pb2.PRIORITY_HIGH,
                origin=message_pb2.ORIGIN_TRANSACTIONAL,
                correlation_id=str(due.consent_id or due.request_id),
                expire_time=link.expires,
            ),
            recipient=delivery_pb.Recipient(message_id=str(due.message_id), variables=variables),
            idempotency_key=f"confirmation:{due.message_id}",
        )
        if not link.contact_id:
            request.recipient.address = link.address
            request.recipient.language_code = link.language
        elif contact is None or contact.state is ContactState.ERASED:
            raise _DroppedError("contact_erased")
        else:
            _address(request.recipient, contact, link)
        return request


def _address(recipient: delivery_pb.Recipient, contact: Contact, link: _Link) -> None:
    address = contact.email if link.channel == EMAIL else contact.phone
    if link.channel == PUSH:
        # Delivery knows the devices of contacts.
        address = ""
    elif not address:
        raise _DroppedError("no_address")
    elif link.address and address != link.address:
        # It was the contact's when consent was asked, and is somebody else's now.
        raise _DroppedError("address_changed")
    recipient.contact_id = str(contact.contact_id)
    recipient.address = address or ""
    recipient.name = contact.name or ""
    recipient.language_code = contact.language_code or link.language
    recipient.time_zone = contact.time_zone or ""
