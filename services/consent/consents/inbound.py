"""Texts that people send to a tenant's numbers: stop, start and help words (CON-26, CON-61)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.rpc.context import current_caller, tenant
from services.consent.addresses import Hasher
from services.consent.consents import changes, inbound_store, keywords, lifting, optout, store
from services.consent.consents.changes import Scope
from services.consent.consents.domain import TEXT_CHANNELS, Grant
from services.consent.consents.inbound_store import Answer
from services.consent.consents.keywords import Word
from services.consent.consents.optout import OptOut
from services.consent.locks import lock_subjects
from services.consent.people import Subject
from services.consent.policy import store as policy_store
from services.consent.policy.domain import TenantPolicy
from services.consent.preferences import store as preference_store
from services.consent.preferences.store import UnsubscribeAction
from services.consent.subjects import canonical_or_invalid, find_subject
from services.consent.suppression import stopping
from services.consent.suppression.domain import Entry
from services.consent.words import CHANNEL, INBOUND_ACTION, instant, text_of

SOURCE: Final = "sms_keyword"
REPLIES: Final = {"stopped": "sms-stopped", "started": "sms-started", "help": "sms-help"}
"""System templates that answer an action."""
FALLBACK_LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that holds one of the words."""

    word: Word
    channel: str
    account_id: UUID
    message_id: str
    received_at: datetime


class InboundTexts:
    """Texts of all tenants."""

    def __init__(self, database: Database, hasher: Hasher) -> None:
        self._database = database
        self._hasher = hasher

    async def handle(self, request: pb.HandleInboundTextRequest) -> pb.HandleInboundTextResponse:
        """Does what a text says; a repeat of it changes nothing and gets the same answer."""
        word = keywords.read(request.text)
        channel = CHANNEL.word(request.channel)
        async with self._database.tenant(tenant()) as uow:
            policy = await policy_store.load(uow)
            subject = await self._sender(uow, channel, request.from_address, policy)
            await lock_subjects(uow, {subject.key, *subject.hashes.values()})
            account_id, message_id = UUID(request.provider_account_id), request.provider_message_id
            answer = await inbound_store.answered(uow, account_id, message_id)
            if answer is None:
                received_at = uow.now()
                if request.HasField("receive_time"):
                    received_at = min(instant(request.receive_time), received_at)
                if word is None:
                    answer = Answer("none", await _language(uow, subject, None), subject.contact_id)
                else:
                    text = _Text(word, channel, account_id, message_id, received_at)
                    action = await self._act(uow, subject, text, policy)
                    answer = Answer(action, await _language(uow, subject, word), subject.contact_id)
                    await inbound_store.remember(uow, account_id, message_id, channel, answer, received_at)
        return pb.HandleInboundTextResponse(
            action=INBOUND_ACTION.number(answer.action),  # type: ignore[arg-type]
            reply_key=REPLIES.get(answer.action, ""),
            language_code=answer.language,
            contact_id=text_of(answer.contact_id),
        )

    async def _sender(self, uow: UnitOfWork, channel: str, address: str, policy: TenantPolicy) -> Subject:
        """Returns who sent a text, with the number's hashes on every channel it can be used with."""
        number = canonical_or_invalid("from_address", channel, address, policy.region_code)
        named = consent_pb2.Subject(address=number)
        return await find_subject(uow, self._hasher, named, "", policy.region_code)

    async def _act(self, uow: UnitOfWork, subject: Subject, text: _Text, policy: TenantPolicy) -> str:
        if text.word.meaning == "help":
            return "help"
        if text.word.meaning == "start":
            return await self._start(uow, _on(subject, text.channel), text, policy)
        await self._stop(uow, subject, text)
        return "stopped"

    async def _stop(self, uow: UnitOfWork, subject: Subject, text: _Text) -> None:
        """Stops the channel, or everything; from then on the number gets nothing at all there."""
        everything = text.word.meaning == "stop_all"
        actor = current_caller().subject
        wish = OptOut(
            channel=None if everything else text.channel,
            source=SOURCE,
            actor=actor,
            key_id=self._hasher.key_id,
            reason=text.word.text,
            method=SOURCE,
        )
        person = subject if everything else _on(subject, text.channel)
        if await optout.opt_out(uow, [person], wish):
            action = UnsubscribeAction(
                contact_id=subject.contact_id,
                channel=wish.channel,
                method=SOURCE,
                message_id=None,
                campaign_id=None,
                ip_address=None,
                user_agent=None,
            )
            await preference_store.add_action(uow, action)
        entries = [
            Entry(
                channel=channel,
                identifier_hash=digest,
                key_id=self._hasher.key_id,
                scope="all",
                reason="sms_stop",
                hint=subject.hint,
                detail=text.word.text,
                contact_id=subject.contact_id,
            )
            for channel, digest in person.hashes.items()
            if channel in TEXT_CHANNELS
        ]
        await stopping.stop(uow, entries, actor, change_source="customer", reason=text.word.text)

    async def _start(self, uow: UnitOfWork, subject: Subject, text: _Text, policy: TenantPolicy) -> str:
        """Takes a stop back and grants marketing on the channel; a text that comes late undoes no newer wish."""
        standing = (
            await preference_store.standing(uow, subject.contact_id)
            if subject.contact_id
            else preference_store.Standing()
        )
        rows = await store.of_subject(uow, subject, text.channel, "marketing")
        ends = [row.revoked_at for row in rows.values() if row.revoked_at] + [standing.opted_out_at]
        if any(end is not None and end > text.received_at for end in ends):
            return "none"
        actor = current_caller().subject
        await lifting.lift_stop(uow, subject, text.channel, actor)
        if subject.contact_id and standing.opted_out and standing.opt_out_source == SOURCE:
            await changes.cancel_opt_out(
                uow, subject.contact_id, source=SOURCE, change_source="customer", reason=text.word.text
            )
        wanted = Grant(
            source=SOURCE,
            evidence={
                "word": text.word.text,
                "provider_account_id": str(text.account_id),
                "provider_message_id": text.message_id,
                "received_at": text.received_at.isoformat(),
            },
            expires_at=None,
            double_opt_in=False,
            by_staff=False,
            by_service=True,
            recorded_by=actor,
        )
        await changes.grant_consent(uow, subject, Scope(text.channel, "marketing", None), wanted, policy)
        return "started"


def _on(subject: Subject, channel: str) -> Subject:
    """Returns a person as one who is reached on one channel."""
    return Subject(
        subject.contact_id,
        {one: digest for one, digest in subject.hashes.items() if one == channel},
        subject.older_hashes,
        subject.hint,
        subject.address,
    )


async def _language(uow: UnitOfWork, subject: Subject, word: Word | None) -> str:
    """Returns the language to answer in: that of the word, else of the contact, else of the tenant."""
    own = await preference_store.language(uow, subject.contact_id) if subject.contact_id else ""
    return (
        (word.language(own) if word else "")
        or own
        or await inbound_store.tenant_language(uow)
        or FALLBACK_LANGUAGE
    )
