"""Use cases of what contacts say, as staff, services and the contacts themselves call them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from google.protobuf.message import Message

from angarium.consent.v1 import consent_events_pb2
from angarium.consent.v1 import preference_service_pb2 as pb
from services.common import audit, paging
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.events.event import Event
from services.common.paging import page_size
from services.common.rpc.context import Caller, current_caller, tenant
from services.common.security.sealing import Sealer, new_address_place
from services.consent.addresses import Hasher, hint
from services.consent.consents import changes as consents
from services.consent.consents import convert as consent_convert
from services.consent.consents import store as consent_store
from services.consent.consents.changes import Scope
from services.consent.consents.domain import Grant
from services.consent.consents.optout import OptOut
from services.consent.decisions.categories import Channel
from services.consent.directory import store as directory_store
from services.consent.directory.handlers import Directory, require_contact
from services.consent.keyed import keyed_about
from services.consent.people import Subject
from services.consent.policy import store as policy_store
from services.consent.policy.domain import TenantPolicy
from services.consent.preferences import changes, choices_store, convert, reading, store
from services.consent.preferences.choices_store import Author
from services.consent.preferences.domain import DEFAULTS, Choices, Update, grid
from services.consent.preferences.store import UnsubscribeAction
from services.consent.schema import CONSENT_CHANNELS
from services.consent.subjects import canonical_or_invalid, ensure_own
from services.consent.words import CHANNEL, CONSENT_SOURCE

M = TypeVar("M", bound=Message)

CONTACT = "contact"
_SUBSCRIBING = frozenset(
    {"web_form", "staff", "pos", "import", "api", "sms_keyword", "preference_page", "migration"}
)
"""Where a wish to subscribe can come from; the other sources are withdrawals, or confirm what was asked."""
_SUBSCRIBING_ONESELF = frozenset({"web_form", "preference_page"})
_HISTORY_SOURCES = {"sms_keyword": "sms_keyword", "preference_page": "preference_page"}
_OPT_OUT_SOURCES = {"person": "manual", "service": "customer_request", "contact": "customer_request"}
_METHODS = {"person": "staff", "service": "preference_page", "contact": "preference_page"}


class ContactChoices:
    """Preferences of contacts: read, changed, proved."""

    def __init__(self, database: Database, hasher: Hasher, directory: Directory, sealer: Sealer) -> None:
        self._database = database
        self._hasher = hasher
        self._directory = directory
        self._sealer = sealer

    async def get(self, request: pb.GetPreferencesRequest) -> pb.GetPreferencesResponse:
        """Returns what a contact said, with defaults for the rest."""
        contact_id = UUID(request.contact_id)
        ensure_own(contact_id)

        async def look() -> Choices:
            async with self._database.tenant(tenant()) as uow:
                await require_contact(uow, contact_id)
                return await choices_store.read(uow, contact_id)

        found = await self._directory.with_contacts(tenant(), look)
        return pb.GetPreferencesResponse(preferences=convert.preferences(contact_id, found))

    async def preferred_channels(
        self, request: pb.ResolvePreferredChannelsRequest
    ) -> pb.ResolvePreferredChannelsResponse:
        """Returns the channel each of a list of contacts prefers, in one statement."""
        try:
            ids = [UUID(contact_id) for contact_id in request.contact_ids]
        except ValueError:
            raise invalid("contact_ids", "must be UUIDs") from None
        async with self._database.tenant(tenant()) as uow:
            said = await choices_store.preferred_channels(uow, ids)
        default = str(DEFAULTS["preferred_channel"])
        return pb.ResolvePreferredChannelsResponse(
            channels=[CHANNEL.number(said.get(one, default)) for one in ids]  # type: ignore[misc]
        )

    async def update(self, request: pb.UpdatePreferencesRequest) -> pb.UpdatePreferencesResponse:
        """Changes the fields a mask names, when nobody else did since they were read."""
        if not request.preferences.contact_id:
            raise invalid("preferences.contact_id", "is required")
        contact_id = UUID(request.preferences.contact_id)
        update = reading.update_of(request.preferences, request.update_mask, reading.PATHS)
        author = _author(request.changed_by, request.reason)

        async def effect(uow: UnitOfWork) -> pb.UpdatePreferencesResponse:
            found = await changes.change(uow, contact_id, update, author, etag=request.preferences.etag)
            return pb.UpdatePreferencesResponse(preferences=convert.preferences(contact_id, found))

        return await self._change(
            "UpdatePreferences", contact_id, request, pb.UpdatePreferencesResponse, effect
        )

    async def set_categories(
        self, request: pb.SetCategoryPreferencesRequest
    ) -> pb.SetCategoryPreferencesResponse:
        """Replaces the named cells of the grid."""
        contact_id = UUID(request.contact_id)
        update = reading.cells_of(request.categories)
        author = _author("", request.reason)

        async def effect(uow: UnitOfWork) -> pb.SetCategoryPreferencesResponse:
            found = await changes.change(uow, contact_id, update, author)
            return pb.SetCategoryPreferencesResponse(preferences=convert.preferences(contact_id, found))

        return await self._change(
            "SetCategoryPreferences", contact_id, request, pb.SetCategoryPreferencesResponse, effect
        )

    async def subscribe(self, request: pb.SubscribeToChannelRequest) -> pb.SubscribeToChannelResponse:
        """Turns a channel on and records marketing consent for it; a new address is confirmed by its owner."""
        contact_id = UUID(request.contact_id)
        caller = current_caller()
        channel, source = _channel(request.channel), CONSENT_SOURCE.word(request.source)
        _check_source(source, caller)
        wanted = Grant(
            source=source,
            evidence=consent_convert.evidence_of(request.evidence),
            expires_at=None,
            double_opt_in=False,
            by_staff=caller.kind == "person",
            by_service=caller.kind == "service",
            recorded_by=caller.subject,
        )
        author = _author("", "", _HISTORY_SOURCES.get(source, "api"))

        async def effect(uow: UnitOfWork) -> pb.SubscribeToChannelResponse:
            policy = await policy_store.load(uow)
            subject, is_new = await self._subject(uow, contact_id, channel, request.address, policy)
            stood = await choices_store.read(uow, contact_id)
            found = await changes.change(uow, contact_id, _switched_on(stood, channel), author)
            grant = replace(wanted, double_opt_in=is_new, is_new_address=is_new)
            consent = await consents.grant_consent(
                uow, subject, Scope(channel, "marketing", None), grant, policy
            )
            if is_new:
                await self._ask_for_branches(uow, subject, channel, grant, policy)
            return pb.SubscribeToChannelResponse(
                preferences=convert.preferences(contact_id, found),
                consent=consent_convert.consent(consent, uow.now()),
            )

        return await self._change(
            "SubscribeToChannel", contact_id, request, pb.SubscribeToChannelResponse, effect
        )

    @staticmethod
    async def _ask_for_branches(
        uow: UnitOfWork, subject: Subject, channel: Channel, grant: Grant, policy: TenantPolicy
    ) -> None:
        """Lets what single branches were granted wait for the owner of a new address too."""
        for branch_id, row in (await consent_store.of_subject(uow, subject, channel, "marketing")).items():
            if branch_id is not None and row.status_at(uow.now()) in ("granted", "pending"):
                await consents.grant_consent(
                    uow, subject, Scope(channel, "marketing", branch_id), grant, policy
                )

    async def _subject(
        self, uow: UnitOfWork, contact_id: UUID, channel: Channel, address: str, policy: TenantPolicy
    ) -> tuple[Subject, bool]:
        """Returns the contact, and whether it named an address nobody knew it by; campaign is told of such a one."""
        if not address:
            return Subject(contact_id), False
        if channel == "push":
            raise invalid("address", "devices are registered by the app that runs on them")
        canonical = canonical_or_invalid("address", channel, address, policy.region_code)
        every = self._hasher.every(tenant(), channel, canonical)
        known = await directory_store.addresses(uow, [contact_id])
        is_new = not any(one == channel and digest in every for _, one, digest, _, _ in known)
        if is_new:
            written = address if channel == "email" else canonical
            payload = consent_events_pb2.ContactAddressAdded(
                contact_id=str(contact_id),
                channel=CHANNEL.number(channel),  # type: ignore[arg-type]
                sealed_address=self._sealer.seal(
                    tenant(), written.encode(), new_address_place(contact_id, channel)
                ),
            )
            uow.emit(Event("preferences.address_added", "contact", str(contact_id), payload))
        return Subject(contact_id, {channel: every[0]}, tuple(every[1:]), hint(canonical), canonical), is_new

    async def unsubscribe(
        self, request: pb.UnsubscribeFromChannelRequest
    ) -> pb.UnsubscribeFromChannelResponse:
        """Stops marketing on a channel, or everything on it."""
        contact_id = UUID(request.contact_id)
        channel, kind = _channel(request.channel), current_caller().kind
        author = _author("", request.reason)

        async def effect(uow: UnitOfWork) -> pb.UnsubscribeFromChannelResponse:
            if channel in CONSENT_CHANNELS:
                wish = OptOut(
                    channel=channel,
                    source=_OPT_OUT_SOURCES[kind],
                    actor=current_caller().subject,
                    key_id=self._hasher.key_id,
                    reason=request.reason or None,
                    method=_METHODS[kind],
                )
                await consents.opt_out(uow, Subject(contact_id), wish)
            stood = await choices_store.read(uow, contact_id)
            update = _switched_off(stood, channel, everything=request.all_messages)
            found = await changes.change(uow, contact_id, update, author)
            action = UnsubscribeAction(
                contact_id=contact_id,
                channel=channel,
                method=_METHODS[kind],
                message_id=None,
                campaign_id=None,
                ip_address=None,
                user_agent=None,
            )
            await store.add_action(uow, action)
            return pb.UnsubscribeFromChannelResponse(preferences=convert.preferences(contact_id, found))

        return await self._change(
            "UnsubscribeFromChannel", contact_id, request, pb.UnsubscribeFromChannelResponse, effect
        )

    async def history(self, request: pb.ListPreferenceHistoryRequest) -> pb.ListPreferenceHistoryResponse:
        """Lists what changed, newest first."""
        contact_id = UUID(request.contact_id)
        ensure_own(contact_id)
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await choices_store.history_page(
                uow, contact_id, paging.position(request, request.page_token), size + 1
            )
        shown, token = paging.cut(request, rows, size, lambda row: row.history_id)
        return pb.ListPreferenceHistoryResponse(changes=map(convert.change, shown), next_page_token=token)

    async def revoke_links(self, request: pb.RevokeLinksRequest) -> pb.RevokeLinksResponse:
        """Voids every link that was made for a contact."""
        contact_id = UUID(request.contact_id)

        async def effect(uow: UnitOfWork) -> pb.RevokeLinksResponse:
            version = await store.raise_token_version(uow, contact_id)
            await audit.record(
                uow,
                action="preferences.revoke_links",
                resource_type="contact",
                resource_id=contact_id,
                before={"link_version": version - 1},
                after={"link_version": version, "reason": request.reason},
            )
            return pb.RevokeLinksResponse()

        return await self._change("RevokeLinks", contact_id, request, pb.RevokeLinksResponse, effect)

    async def _change(
        self,
        method: str,
        contact_id: UUID,
        request: "ChangeRequest",
        response: type[M],
        effect: Callable[[UnitOfWork], Awaitable[M]],
    ) -> M:
        """Runs a change about one contact once per key, in one unit of work."""
        ensure_own(contact_id)

        async def about(uow: UnitOfWork) -> M:
            await require_contact(uow, contact_id)
            return await effect(uow)

        return await keyed_about(
            self._database, self._directory, f"PreferenceService.{method}", request, response, about
        )


ChangeRequest = (
    pb.UpdatePreferencesRequest
    | pb.SetCategoryPreferencesRequest
    | pb.SubscribeToChannelRequest
    | pb.UnsubscribeFromChannelRequest
    | pb.RevokeLinksRequest
)


def _author(changed_by: str, reason: str, source: str = "api") -> Author:
    """Returns who wished a change: a contact can only be itself."""
    caller = current_caller()
    name = CONTACT if caller.kind == "contact" else changed_by or caller.subject
    return Author(name, source, reason or None)


def _check_source(source: str, caller: Caller) -> None:
    allowed = _SUBSCRIBING_ONESELF if caller.kind == "contact" else _SUBSCRIBING
    if source not in allowed:
        raise invalid("source", f"must be one of {', '.join(sorted(allowed))}")


def _channel(number: int) -> Channel:
    word: Channel = CHANNEL.word(number)  # type: ignore[assignment]  # the contract's channels are the domain's
    return word


def _switched_on(stood: Choices, channel: Channel) -> Update:
    """Returns what lets marketing through to somebody who subscribes to a channel."""
    values = {f"{channel}.is_enabled": True} | ({"sms_critical_only": False} if channel == "sms" else {})
    return Update(values, _marketing(stood, channel, on=True))


def _switched_off(stood: Choices, channel: Channel, *, everything: bool) -> Update:
    """Returns what else stops: marketing on a channel without consents, the whole channel when all is meant."""
    cells = {} if channel in CONSENT_CHANNELS else _marketing(stood, channel, on=False)
    return Update({f"{channel}.is_enabled": False} if everything else {}, cells)


def _marketing(
    stood: Choices, channel: Channel, *, on: bool
) -> dict[tuple[str, Channel], tuple[bool, str | None]]:
    """Returns the cell that switches the marketing group; none when it stands so already."""
    for cell in grid(stood):
        if (cell.name, cell.channel) == ("marketing", channel) and cell.is_enabled is not on:
            return {("marketing", channel): (on, cell.frequency)}
    return {}
