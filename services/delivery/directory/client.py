"""Asking who can be reached where: contacts and staff of campaign, and the channels people prefer of consent.

Questions of one moment are asked together: while one is under way, the next ones gather, so that a hundred calls cost
one or two. Nothing is kept: an address is the one its owner has now, and an erased one is gone at once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

from angarium.campaign.v1 import contact_service_pb2 as contact_pb
from angarium.campaign.v1 import contact_service_pb2_grpc as contact_grpc
from angarium.consent.v1 import preference_service_pb2 as preference_pb
from angarium.consent.v1 import preference_service_pb2_grpc as preference_grpc
from services.common.rpc import deadline
from services.common.rpc.client import Channels, as_tenant
from services.delivery.messages.domain import Channel

MAX_ASKED: Final = 1000
_BY_MAIL: Final = frozenset({Channel.EMAIL})
_BY_PHONE: Final = frozenset({Channel.SMS, Channel.WHATSAPP})


@dataclass(frozen=True, slots=True)
class Reachable:
    """Where somebody can be reached, and how they are spoken to."""

    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    time_zone: str = ""

    def address(self, channel: Channel) -> str:
        """Returns the address on a channel; empty when there is none, or the channel needs none."""
        if channel in _BY_MAIL:
            return self.email
        return self.phone if channel in _BY_PHONE else ""


def has_addresses(channel: Channel) -> bool:
    """Returns whether messages of a channel go to an address; the others find a person by id."""
    return channel in _BY_MAIL or channel in _BY_PHONE


@dataclass(frozen=True, slots=True)
class Found:
    """Those who are known, by their ids."""

    contacts: dict[str, Reachable] = field(default_factory=dict)
    staff: dict[str, Reachable] = field(default_factory=dict)


class Directory(Protocol):
    """Knows where people can be reached."""

    async def find(self, tenant_id: UUID, contacts: Sequence[str], staff: Sequence[str]) -> Found:
        """Returns those who are known; unknown and erased ones are left out."""

    async def preferred(self, tenant_id: UUID, contacts: Sequence[str]) -> dict[str, Channel]:
        """Returns the channel each contact prefers."""


@dataclass(slots=True)
class _Asked:
    contacts: dict[str, None]
    staff: dict[str, None]
    answer: asyncio.Future[Found]


class RemoteDirectory:
    """Asks campaign and consent."""

    def __init__(self, channels: Channels) -> None:
        self._contacts = channels.stub(contact_grpc.ContactServiceStub, "campaign")
        self._preferences = channels.stub(preference_grpc.PreferenceServiceStub, "consent")
        self._waiting: dict[UUID, list[_Asked]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def find(self, tenant_id: UUID, contacts: Sequence[str], staff: Sequence[str]) -> Found:
        """Returns those who are known, asked together with the questions of the same moment."""
        asked = _Asked(
            dict.fromkeys(contacts), dict.fromkeys(staff), asyncio.get_running_loop().create_future()
        )
        waiting = self._waiting.get(tenant_id)
        if waiting is not None:
            waiting.append(asked)
        else:
            self._waiting[tenant_id] = [asked]
            task = asyncio.create_task(self._run(tenant_id), name="ask-directory")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await asked.answer

    async def preferred(self, tenant_id: UUID, contacts: Sequence[str]) -> dict[str, Channel]:
        """Returns the channel each contact prefers."""
        if not contacts:
            return {}
        with as_tenant(tenant_id):
            response = await self._preferences.ResolvePreferredChannels(
                preference_pb.ResolvePreferredChannelsRequest(contact_ids=contacts)
            )
        return {
            contact: Channel(number)
            for contact, number in zip(contacts, response.channels, strict=True)
            if number in Channel.__members__.values()
        }

    async def _run(self, tenant_id: UUID) -> None:
        """Asks until nobody waits."""
        deadline.lift()
        try:
            while waiting := self._waiting[tenant_id]:
                group = _group(waiting)
                self._waiting[tenant_id] = waiting[len(group) :]
                await self._ask_together(tenant_id, group)
        finally:
            del self._waiting[tenant_id]

    async def _ask_together(self, tenant_id: UUID, group: Sequence[_Asked]) -> None:
        contacts = {one: None for asked in group for one in asked.contacts}
        staff = {one: None for asked in group for one in asked.staff}
        try:
            found = await self._ask(tenant_id, list(contacts), list(staff))
        except Exception as error:  # noqa: BLE001 - told to whoever asked
            for asked in group:
                if not asked.answer.done():
                    asked.answer.set_exception(error)
                    asked.answer.exception()
            return
        for asked in group:
            if not asked.answer.done():
                asked.answer.set_result(
                    Found(
                        {one: found.contacts[one] for one in asked.contacts if one in found.contacts},
                        {one: found.staff[one] for one in asked.staff if one in found.staff},
                    )
                )

    async def _ask(self, tenant_id: UUID, contacts: Sequence[str], staff: Sequence[str]) -> Found:
        with as_tenant(tenant_id):
            response = await self._contacts.ResolveRecipients(
                contact_pb.ResolveRecipientsRequest(contact_ids=contacts, staff_ids=staff)
            )
        return Found(
            {
                one.contact_id: Reachable(one.name, one.email, one.phone, one.language_code, one.time_zone)
                for one in response.contacts
            },
            {
                one.staff_id: Reachable(one.name, one.email, "", one.language_code, one.time_zone)
                for one in response.staff_members
            },
        )


def _group(waiting: Sequence[_Asked]) -> Sequence[_Asked]:
    """Returns the first questions that fit one call; a single one always does."""
    contacts: set[str] = set()
    staff: set[str] = set()
    for count, asked in enumerate(waiting):
        contacts |= asked.contacts.keys()
        staff |= asked.staff.keys()
        if count and max(len(contacts), len(staff)) > MAX_ASKED:
            return waiting[:count]
    return waiting
