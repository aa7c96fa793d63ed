"""Use cases of PreferenceService: links are made, read and followed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from angarium.consent.v1 import preference_service_pb2 as pb
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.rpc.context import current_caller, tenant
from services.common.security.tokens import InvalidToken, Payload, Purpose, TokenSigner
from services.consent.addresses import Hasher
from services.consent.consents import changes, optout
from services.consent.consents import convert as consent_convert
from services.consent.consents import store as consent_store
from services.consent.consents.domain import Summary
from services.consent.consents.optout import OptOut
from services.consent.directory import store as directory_store
from services.consent.directory.handlers import Directory
from services.consent.people import Subject
from services.consent.policy import store as policy_store
from services.consent.preferences import changes as preference_changes
from services.consent.preferences import choices_store, convert, links, reading, store
from services.consent.preferences.choices_store import Author
from services.consent.preferences.links import Link
from services.consent.preferences.store import UnsubscribeAction
from services.consent.subjects import find_subject
from services.consent.suppression import store as suppression_store
from services.consent.words import CHANNEL, METHOD, TOKEN_PURPOSE, uuid_or_none

_OPT_OUT_SOURCES = {
    "one_click": "unsubscribe_link",
    "page": "unsubscribe_link",
    "preference_page": "preference_page",
    "sms_keyword": "sms_keyword",
    "staff": "manual",
    "complaint": "complaint",
}


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a genuine link says, with the tenant it belongs to."""

    tenant_id: UUID
    purpose: str
    link: Link
    expires_at: datetime

    @property
    def subject(self) -> Subject:
        """Returns the person the link concerns."""
        link = self.link
        if link.contact_id is not None or link.address_hash is None:
            return Subject(link.contact_id)
        return Subject(None, {link.channel: link.address_hash})


class Preferences:
    """Unsubscribe and preference links."""

    def __init__(
        self,
        database: Database,
        hasher: Hasher,
        signer: TokenSigner,
        directory: Directory,
        public_base_url: str,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._signer = signer
        self._directory = directory
        self._base_url = public_base_url

    async def issue(self, request: pb.IssueUnsubscribeTokenRequest) -> pb.IssueUnsubscribeTokenResponse:
        """Makes a link for a person."""
        purpose = TOKEN_PURPOSE.word(request.purpose)
        channel = CHANNEL.word(request.channel)

        async def work() -> Link:
            async with self._database.tenant(tenant()) as uow:
                region = (await policy_store.load(uow)).region_code
                subject = await find_subject(uow, self._hasher, request.subject, channel, region)
                if subject.contact_id is None and purpose == "preferences":
                    raise invalid("subject", "must be a contact: an address has no preferences")
                if subject.contact_id is None:
                    # An address is reached on one channel; its hash says nothing on another.
                    one = channel or next(iter(subject.hashes))
                    return self._link(request, None, subject.hashes[one], one, 1)
                standing = await store.standing(uow, subject.contact_id)
                return self._link(request, subject.contact_id, None, channel, standing.token_version)

        link = await self._directory.with_contacts(tenant(), work)
        issued = self._database.clock.now()
        token = self._signer.sign(
            links.PURPOSES[purpose],
            tenant(),
            links.pack(link),
            issued=issued,
            expires=issued + links.VALIDITY,
        )
        return pb.IssueUnsubscribeTokenResponse(token=token, url=f"{self._base_url}/{purpose}/{token}")

    @staticmethod
    def _link(
        request: pb.IssueUnsubscribeTokenRequest,
        contact_id: UUID | None,
        address_hash: bytes | None,
        channel: str,
        token_version: int,
    ) -> Link:
        return Link(
            contact_id=contact_id,
            address_hash=address_hash,
            channel=channel,
            token_version=token_version,
            message_id=uuid_or_none(request.message_id),
            campaign_id=uuid_or_none(request.campaign_id),
        )

    async def resolve(self, request: pb.ResolveTokenRequest) -> pb.ResolveTokenResponse:
        """Tells what a link is for; changes nothing (CON-65)."""
        opened = self._open(request.token, "unsubscribe", "preferences")
        async with self._database.tenant(opened.tenant_id) as uow:
            await self._check_version(uow, opened.link)
            policy = await policy_store.load(uow)
            contact_id = opened.link.contact_id
            shown = None
            if opened.purpose == "preferences" and contact_id:
                shown = convert.preferences(contact_id, await choices_store.read(uow, contact_id))
            return convert.resolved(
                opened.purpose,
                opened.link,
                policy,
                hint=await self._hint(uow, opened.link),
                language=await store.language(uow, contact_id) if contact_id else "",
                is_unsubscribed=await self._is_unsubscribed(uow, opened),
                shown=shown,
                preferences_token=self._preferences_token(opened),
            )

    def _preferences_token(self, opened: OpenedLink) -> str:
        """Returns the token by which the page of an unsubscribe link leads on; an address has no preferences."""
        if opened.purpose != "unsubscribe" or opened.link.contact_id is None:
            return ""
        return self._signer.sign(
            Purpose.PREFERENCES,
            opened.tenant_id,
            links.pack(opened.link),
            issued=self._database.clock.now(),
            expires=opened.expires_at,
        )

    async def unsubscribe(self, request: pb.UnsubscribeRequest) -> pb.UnsubscribeResponse:
        """Stops marketing on the link's channel, or on all; succeeds again on repetition (CON-63)."""
        opened = self._open(request.token, "unsubscribe")
        channel = None if request.all_channels else opened.link.channel or None
        method = METHOD.word(request.method)
        async with self._database.tenant(opened.tenant_id) as uow:
            await self._check_version(uow, opened.link)
            wish = OptOut(
                channel=channel,
                source=_OPT_OUT_SOURCES[method],
                actor=current_caller().subject,
                key_id=self._hasher.key_id,
                method=method,
                message_id=opened.link.message_id,
                campaign_id=opened.link.campaign_id,
                ip_address=request.ip_address or None,
                user_agent=request.user_agent[:512] or None,
            )
            subject = opened.subject
            changed = await optout.opt_out(uow, [subject], wish)
            if changed:
                await self._record(uow, opened, wish)
            summary = await changes.summary(uow, subject, uow.now())
        return self._unsubscribed(summary, already=not changed)

    async def update_by_token(
        self, request: pb.UpdatePreferencesByTokenRequest
    ) -> pb.UpdatePreferencesByTokenResponse:
        """Changes what the preference page shows, as the contact's own wish (CON-37)."""
        opened = self._open(request.token, "preferences")
        contact_id = opened.link.contact_id
        if contact_id is None:
            raise InvalidToken
        update = None
        if request.update_mask.paths or not request.stop_marketing:
            update = reading.update_of(request.preferences, request.update_mask, reading.PAGE_PATHS)
        async with self._database.tenant(opened.tenant_id) as uow:
            await self._check_version(uow, opened.link)
            if update is not None:
                await preference_changes.change(
                    uow,
                    contact_id,
                    update,
                    Author("contact", "preference_page"),
                    etag=request.preferences.etag or None,
                    echoes=True,
                )
            if request.stop_marketing:
                await self._stop_marketing(uow, opened, request)
            found = await choices_store.read(uow, contact_id)
        return pb.UpdatePreferencesByTokenResponse(preferences=convert.preferences(contact_id, found))

    async def _stop_marketing(
        self, uow: UnitOfWork, opened: OpenedLink, request: pb.UpdatePreferencesByTokenRequest
    ) -> None:
        wish = OptOut(
            channel=None,
            source="preference_page",
            actor=current_caller().subject,
            key_id=self._hasher.key_id,
            method="preference_page",
            message_id=opened.link.message_id,
            campaign_id=opened.link.campaign_id,
            ip_address=request.ip_address or None,
            user_agent=request.user_agent or None,
        )
        if await optout.opt_out(uow, [opened.subject], wish):
            await self._record(uow, opened, wish)

    @staticmethod
    def _unsubscribed(summary: Summary, *, already: bool) -> pb.UnsubscribeResponse:
        return pb.UnsubscribeResponse(summary=consent_convert.summary(summary), already_unsubscribed=already)

    @staticmethod
    async def _record(uow: UnitOfWork, opened: OpenedLink, wish: OptOut) -> None:
        action = UnsubscribeAction(
            contact_id=opened.link.contact_id,
            channel=wish.channel,
            method=wish.method or "page",
            message_id=wish.message_id,
            campaign_id=wish.campaign_id,
            ip_address=wish.ip_address,
            user_agent=wish.user_agent,
        )
        await store.add_action(uow, action)
        await audit.record(
            uow,
            action="consent.unsubscribe",
            resource_type="contact" if opened.link.contact_id else "address",
            resource_id=opened.subject.aggregate_id,
            before=None,
            after={"channel": wish.channel or "all", "method": wish.method},
        )

    def _open(self, token: str, *purposes: str) -> OpenedLink:
        """Returns what a token says; one answer for every kind of bad token (CON-97), another when it is expired."""
        for purpose in purposes:
            try:
                payload: Payload = self._signer.verify(
                    links.PURPOSES[purpose], token, self._database.clock.now()
                )
            except InvalidToken:
                continue
            return OpenedLink(payload.tenant_id, purpose, links.unpack(payload.body), payload.expires)
        raise InvalidToken

    @staticmethod
    async def _check_version(uow: UnitOfWork, link: Link) -> None:
        """Raises InvalidToken when all links of the contact were voided, or the tenant has no such contact any more."""
        if link.contact_id is None:
            return
        states = await directory_store.states(uow, [link.contact_id])
        standing = await store.standing(uow, link.contact_id)
        gone = states.get(link.contact_id, "erased") == "erased"
        if gone or standing.token_version != link.token_version:
            raise InvalidToken

    @staticmethod
    async def _hint(uow: UnitOfWork, link: Link) -> str:
        if link.contact_id is None:
            return ""
        hints = await directory_store.hints(uow, link.contact_id)
        return hints.get(link.channel) or next(iter(hints.values()), "")

    @staticmethod
    async def _is_unsubscribed(uow: UnitOfWork, opened: OpenedLink) -> bool:
        subject, channel = opened.subject, opened.link.channel
        if subject.contact_id:
            if (await store.standing(uow, subject.contact_id)).opted_out:
                return True
            hashes = [
                digest
                for _, one, digest, _, _ in await directory_store.addresses(uow, [subject.contact_id])
                if one == channel
            ]
        else:
            hashes = list(subject.hashes.values())
        if not channel:
            return False
        entries = await suppression_store.holding(uow, channel, hashes, uow.now()) if hashes else []
        if any(one.entry.scope in ("all", "marketing") for one in entries):
            return True
        rows = await consent_store.of_subject(uow, subject, channel, "marketing")
        return bool(rows) and all(one.status == "revoked" for one in rows.values())
