"""What this service learns from others: contacts and settings of campaign, reports of delivery.

Each handler runs in the transaction that notes its event as applied, so its effects happen once.
"""

from collections.abc import Iterator
from typing import cast
from uuid import UUID

from google.protobuf.message import Message

from angarium.campaign.v1 import campaign_events_pb2, settings_service_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2
from services.common.contact_data import merged as merged_contacts
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler
from services.consent.addresses import Hasher
from services.consent.consents import merging
from services.consent.directory import handlers as directory
from services.consent.directory.convert import known_contact
from services.consent.policy import store as policy_store
from services.consent.policy.convert import branch_row, settings_row, tenant_row
from services.consent.preferences import mirror
from services.consent.privacy.handlers import Privacy
from services.consent.schema import CONSENT_CHANNELS
from services.consent.suppression import bounce_store, reports
from services.consent.suppression.reports import Report
from services.consent.words import CHANNEL, instant, uuid_or_none

SOURCES = ("campaign", "delivery")

_HARD = delivery_events_pb2.BOUNCE_TYPE_HARD
_BLOCKED = delivery_events_pb2.BOUNCE_TYPE_BLOCK


class Events:
    """The handlers of this service by event type."""

    def __init__(self, hasher: Hasher, privacy: Privacy) -> None:
        self._hasher = hasher
        self._privacy = privacy

    def handlers(self) -> dict[str, Handler]:
        """Returns what is consumed."""
        return {
            "contact.created": self.contacts_changed,
            "contact.updated": self.contacts_changed,
            "contact.address_changed": self.contacts_changed,
            "contact.merged": self.contact_merged,
            "contact.account_deleted": self.account_deleted,
            "tenant.created": self.tenant_changed,
            "tenant.updated": self.tenant_changed,
            "tenant.suspended": self.tenant_changed,
            "tenant.resumed": self.tenant_changed,
            "tenant.closed": self.tenant_changed,
            "marketing_settings.updated": self.settings_updated,
            "branch_settings.updated": self.branch_updated,
            "message.bounced": self.bounced,
            "message.complained": self.complained,
            "message.delivered": self.delivered,
            "recipient.opted_out": self.opted_out,
            "recipient.invalid": self.invalid,
        }

    async def contacts_changed(self, uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        """Keeps the directory."""
        changed = cast("campaign_events_pb2.ContactsChanged", payload)
        contacts = [known_contact(reference) for reference in changed.contacts]
        if envelope.type != "contact.created":
            await mirror.follow(uow, contacts, instant(envelope.occur_time))
        await directory.see_contacts(uow, contacts, instant(envelope.occur_time))

    async def account_deleted(self, uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
        """Asks for the erasure of somebody whose account is gone (EVT-49)."""
        deleted = cast("campaign_events_pb2.ContactAccountDeleted", payload)
        await self._privacy.user_deleted(uow, UUID(deleted.contact_id))

    async def contact_merged(self, uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        """Lets the stricter wish of two contacts that are one person hold for the kept one."""
        merged = cast("campaign_events_pb2.ContactMerged", payload)
        kept, merged_id = known_contact(merged.kept), UUID(merged.merged_contact_id)
        await merged_contacts.record(uow, merged_id, kept.contact_id)
        await directory.see_contacts(uow, [kept], instant(envelope.occur_time))
        await merging.merge(uow, kept.contact_id, merged_id, self._hasher.key_id)

    async def tenant_changed(self, uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        """Keeps the tenant's state and defaults."""
        tenant = cast("campaign_events_pb2.TenantChanged", payload).tenant
        await policy_store.see_tenant(uow, tenant_row(tenant), instant(envelope.occur_time))

    async def settings_updated(self, uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        """Keeps the tenant's settings."""
        updated = cast("campaign_events_pb2.MarketingSettingsUpdated", payload)
        seen_at = instant(envelope.occur_time)
        tenant: settings_service_pb2.Tenant = updated.tenant
        await policy_store.see_tenant(uow, tenant_row(tenant), seen_at)
        await policy_store.see_settings(uow, settings_row(updated.settings), seen_at)

    async def branch_updated(self, uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        """Keeps whether a branch markets, and its zone."""
        branch = cast("campaign_events_pb2.BranchSettingsUpdated", payload).branch
        await policy_store.see_branch(uow, branch_row(branch), instant(envelope.occur_time))

    async def bounced(self, uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
        """Suppresses addresses that bounced hard, counts those that bounced softly; blocks say nothing of them."""
        found = list(_reports(payload))
        await reports.hard_bounces(uow, [report for kind, report in found if kind == _HARD])
        await reports.soft_bounces(uow, [report for kind, report in found if kind not in (_HARD, _BLOCKED)])

    async def complained(self, uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
        """Suppresses and opts out people who complained."""
        await reports.complaints(uow, self._hasher, [report for _, report in _reports(payload)])

    async def opted_out(self, uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
        """Opts out people of whom the provider says they did."""
        await reports.opt_outs(uow, self._hasher, [report for _, report in _reports(payload)])

    async def invalid(self, uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
        """Suppresses what is no address."""
        await reports.invalid_addresses(uow, [report for _, report in _reports(payload)])

    async def delivered(self, uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
        """Ends the count of soft bounces of addresses that were reached."""
        reached = cast("delivery_events_pb2.MessagesReached", payload)
        await bounce_store.forget_delivered(uow, [UUID(one.message_id) for one in reached.messages])


def _reports(payload: Message) -> Iterator[tuple[int, Report]]:
    """Yields the reports of a block that name an address, each with its kind of bounce."""
    for one in cast("delivery_events_pb2.RecipientsReported", payload).reports:
        channel = CHANNEL.word(one.channel)
        if channel in CONSENT_CHANNELS and len(one.address_hash) == 32:
            yield (
                one.bounce_type,
                Report(
                    message_id=UUID(one.message_id),
                    contact_id=uuid_or_none(one.contact_id),
                    channel=channel,
                    address_hash=one.address_hash,
                    key_id=one.hash_key_id,
                    hint=one.address_hint,
                    campaign_id=uuid_or_none(one.campaign_id),
                    occurred_at=instant(one.occur_time),
                ),
            )
