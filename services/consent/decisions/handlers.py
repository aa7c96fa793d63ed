"""Deciding about blocks of people: load what is known, decide once per distinct case, store, sign links."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from services.common.db.arrays import HashArray
from services.common.db.arrays import hashes as hash_array
from services.common.db.arrays import uuids as uuid_array
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, failed, not_found
from services.common.ids import uuid7s
from services.common.security.tokens import Purpose, TokenSigner
from services.common.turns import FEW, give_way, urgent
from services.consent.addresses import ANY_CHANNEL, EVERYBODY, Hasher, canonicals
from services.consent.decisions import store
from services.consent.decisions.block import (
    NOBODY,
    UNKNOWN,
    Block,
    EvaluationPurpose,
    Known,
    facts_of,
    token_version,
)
from services.consent.decisions.categories import Choice, choice
from services.consent.decisions.domain import decide
from services.consent.decisions.facts import Deployment, Question, Usage
from services.consent.decisions.lawbook import LawBook
from services.consent.decisions.locations import number_regions
from services.consent.decisions.verdicts import Answer, StoredVerdict, Verdict, stored_verdict
from services.consent.directory import store as directory_store
from services.consent.directory.handlers import Directory
from services.consent.policy import store as policy_store
from services.consent.policy.domain import TenantPolicy
from services.consent.preferences import links
from services.consent.suppression import store as suppression_store

logger = logging.getLogger(__name__)

_CALLERS_FAULT = frozenset({"VALIDATION_FAILED", "NOT_FOUND", "PERMISSION_DENIED", "UNAUTHENTICATED"})
_LINKED_CHANNELS = frozenset({"email", "whatsapp"})
_PHONE_CHANNELS = frozenset({"sms", "whatsapp"})


Rows = Sequence[tuple[Any, ...]]


class _Lookup(NamedTuple):
    """A statement about addresses of a block, and what notes its rows."""

    statement: tuple[str, dict[str, Any]]
    note: Callable[[Rows], None]


class Evaluator:
    """Decides; every decision reads the tables, none is taken from a cache."""

    def __init__(
        self,
        database: Database,
        hasher: Hasher,
        signer: TokenSigner,
        directory: Directory,
        deployment: Deployment,
        laws: LawBook,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._signer = signer
        self._directory = directory
        self._deployment = deployment
        self._laws = laws

    async def evaluate(self, tenant_id: UUID, block: Block, *, strict: bool = False) -> Answer:
        """Returns the decisions about a block, in its order.

        Args:
            tenant_id: Whose people they are.
            block: Whom and what it is about.
            strict: True to refuse a contact that exists nowhere instead of denying it.

        Raises:
            ServiceError: COMPLIANCE_UNAVAILABLE for any fault of ours or of what is asked: never an allow (CON-87).
                NOT_FOUND with `strict`.
        """
        try:
            # A few people are single messages, which somebody waits for; more are a campaign's.
            with urgent() if len(block.contacts) <= FEW else nullcontext():
                return await self._evaluate(tenant_id, block, strict=strict)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if isinstance(error, ServiceError) and error.reason in _CALLERS_FAULT:
                raise
            logger.warning("a decision could not be made", exc_info=error)
            raise failed("COMPLIANCE_UNAVAILABLE", "the decision could not be made") from error

    async def _evaluate(self, tenant_id: UUID, block: Block, *, strict: bool) -> Answer:
        async with self._database.tenant(tenant_id) as uow:
            known = await self._load(uow, block)
            if not known.missing:
                return await self._decide(uow, block, known)
        missing = [UUID(bytes=contact) for contact in set(known.missing)]
        found = await self._directory.learn(tenant_id, missing)
        if strict and len(found) < len(missing):
            raise not_found("contact", missing[0])
        async with self._database.tenant(tenant_id) as uow:
            known = await self._load(uow, block)
            return await self._decide(uow, block, known)

    async def _load(self, uow: UnitOfWork, block: Block) -> Known:
        at = block.at or uow.now()
        # What depends on nothing but the question comes in one round trip.
        statements = [policy_store.loading(uow, block.branch_id)]
        if any(block.contacts):
            statements += _about(uow, block, block.contacts, at)
        policy, *people = await uow.run_together(*statements)
        known = Known(
            policy=policy_store.policy_of(policy.rows[0]),
            at=at,
            contacts=list(block.contacts),
            hashes=[None] * len(block.contacts),
            people=[NOBODY] * len(block.contacts),
        )
        if people:
            _note_people(known, block, block.contacts, *(result.rows for result in people))
        await give_way(len(block.contacts))
        texts = canonicals(block.channel, block.addresses, known.policy.region_code)
        places = [place for place, text in enumerate(texts) if text is not None]
        addresses = [text for text in texts if text is not None]
        if block.channel in _PHONE_CHANNELS:
            known.numbers = [number_regions(text) if text else () for text in texts]
        if block.channel in ("in_app", "webhook"):
            known.hashes = [b"" if text is not None else None for text in texts]
        elif addresses:
            await self._load_addresses(uow, block, known, places, addresses)
        return known

    async def _load_addresses(
        self, uow: UnitOfWork, block: Block, known: Known, places: list[int], addresses: list[str]
    ) -> None:
        """Hashes the addresses and looks up what hangs on them: contacts, entries, registries."""
        hasher, tenant_id, channel = self._hasher, uow.tenant_id or EVERYBODY, block.channel
        keyed = hasher.blocks(tenant_id, channel, addresses)
        for place, digest in zip(places, keyed[0], strict=True):
            known.hashes[place] = digest
        # None of these follows from another, so they come in one round trip; they are noted in their order.
        lookups = [
            *self._people_behind(uow, block, known, keyed, places, addresses),
            *self._entries(uow, block, known, keyed, places, addresses),
        ]
        results = await uow.run_together(*(lookup.statement for lookup in lookups))
        for lookup, result in zip(lookups, results, strict=True):
            lookup.note(result.rows)
        found = [
            None if given else contact for given, contact in zip(block.contacts, known.contacts, strict=True)
        ]
        if any(found):
            people = await uow.run_together(*_about(uow, block, found, known.at))
            _note_people(known, block, found, *(result.rows for result in people))

    def _entries(
        self,
        uow: UnitOfWork,
        block: Block,
        known: Known,
        keyed: Sequence[Sequence[bytes]],
        places: list[int],
        addresses: list[str],
    ) -> Iterator[_Lookup]:
        """Yields what finds entries and registries that list addresses."""
        hasher, tenant_id, channel = self._hasher, uow.tenant_id or EVERYBODY, block.channel
        asked: list[Sequence[bytes]] = list(keyed)
        if known.policy.has_any_channel_entries:
            asked += hasher.blocks(tenant_id, ANY_CHANNEL, addresses)
        hits = suppression_store.hits(uow, channel, *_columns(asked, places), known.at)
        yield _Lookup(hits, partial(_note_hits, known))
        if known.policy.has_platform_entries:
            asked = [
                *hasher.blocks(EVERYBODY, channel, addresses),
                *hasher.blocks(EVERYBODY, ANY_CHANNEL, addresses),
            ]
            hits = suppression_store.platform_hits(uow, channel, *_columns(asked, places), known.at)
            yield _Lookup(hits, partial(_note_hits, known))
        if _needs_registries(block, known.policy):
            registries = known.policy.dnd_registries
            known.dnd_stale = _in_countries(places, addresses, known.policy.stale_registries)
            asked = list(hasher.blocks(EVERYBODY, "sms", addresses))
            listed = store.dnd_hits(uow, *_columns(asked, places), registries, block.category)
            yield _Lookup(listed, partial(_note_listed, known))

    def _people_behind(
        self,
        uow: UnitOfWork,
        block: Block,
        known: Known,
        keyed: Sequence[Sequence[bytes]],
        places: list[int],
        addresses: list[str],
    ) -> Iterator[_Lookup]:
        """Yields what finds the contacts behind bare addresses, and the consents of those that have none."""
        bare = [number for number, place in enumerate(places) if known.contacts[place] is None]
        if not bare:
            return
        bare_places = [places[number] for number in bare]
        own = [[hashes[number] for number in bare] for hashes in keyed]
        if known_by := directory_store.directory_channel(block.channel):
            listed = own
            if known_by != block.channel:
                texts = [addresses[number] for number in bare]
                listed = self._hasher.blocks(uow.tenant_id or EVERYBODY, known_by, texts)
            for hashes in listed:
                behind = directory_store.behind(uow, known_by, hashes)
                yield _Lookup(behind, partial(_note_contacts, known, bare_places, hashes))
        if store.needs_consent(block.channel, block.category):
            asked, numbers = _columns(own, bare_places)
            consents = store.address_consents(
                uow, asked, numbers, block.channel, block.category, block.branch_id, known.at
            )
            yield _Lookup(consents, partial(_note_consents, known))

    async def _decide(self, uow: UnitOfWork, block: Block, known: Known) -> Answer:
        question = Question(
            channel=block.channel,
            category=block.category,
            at=known.at,
            policy=known.policy.rules,
            deployment=self._deployment,
            expires_at=block.expires_at,
            branch_marketing=known.policy.branch_marketing,
            branch_time_zone=known.policy.branch_time_zone,
            branch_archived=known.policy.branch_archived,
            is_digest=block.is_digest,
        )
        # The decision is a pure function, so people about whom the same is known share one.
        shared: dict[tuple[object, ...], Verdict] = {}
        verdicts: list[Verdict] = []
        for place, key in enumerate(known.keys(block.usages)):
            verdict = shared.get(key)
            if verdict is None:
                verdict = shared[key] = _verdict(question, known, place, block, self._laws)
            verdicts.append(verdict)
        await give_way(len(block.contacts))
        # Nobody gets a message by a selection: who is sent one is decided about again.
        is_linked = question.marketing and block.purpose is not EvaluationPurpose.SELECTION
        tokens = self._links(uow, block, known, verdicts) if is_linked else {}
        await give_way(len(block.contacts))
        kept = [place for place, one in enumerate(verdicts) if block.purpose.keeps(one.decision.outcome)]
        ids = dict(zip(kept, uuid7s(len(kept)), strict=True)) if kept else {}
        if ids:
            _store(uow, block, known, verdicts, ids)
        return Answer(verdicts, tokens, ids)

    def _links(self, uow: UnitOfWork, block: Block, known: Known, verdicts: list[Verdict]) -> dict[int, str]:
        """Returns unsubscribe tokens by place, for those who will get the message."""
        if block.channel not in _LINKED_CHANNELS or uow.tenant_id is None:
            return {}
        campaign = block.campaign_id.bytes if block.campaign_id else None
        places = [place for place, verdict in enumerate(verdicts) if verdict.decision.outcome == "allow"]
        bodies = [
            links.pack_parts(
                block.channel,
                known.contacts[place] or known.hashes[place] or b"",
                token_version(known.people[place]),
                block.messages[place],
                campaign,
            )
            for place in places
        ]
        issued = uow.now()
        signed = self._signer.sign_many(
            Purpose.UNSUBSCRIBE, uow.tenant_id, bodies, issued=issued, expires=issued + links.VALIDITY
        )
        return dict(zip(places, signed, strict=True))


def _about(
    uow: UnitOfWork, block: Block, contacts: Sequence[bytes | None], at: datetime
) -> list[tuple[str, dict[str, Any]]]:
    """Returns the statements about contacts: what is known of them, and what they said about the category."""
    ids = uuid_array(contacts)
    return [
        store.people(uow, ids, block.channel, block.category, block.branch_id, at),
        store.category_hits(uow, ids, block.channel, block.category),
    ]


def _note_people(
    known: Known,
    block: Block,
    contacts: Sequence[bytes | None],
    people: Sequence[Sequence[Any]],
    cells: Sequence[Sequence[Any]],
) -> None:
    """Notes what was found about contacts at their places."""
    for row in people:
        place = row[0] - 1
        contact = contacts[place]
        if contact is None:
            continue
        if row[1] is None:
            known.missing.append(contact)
            known.people[place] = UNKNOWN
        else:
            known.people[place] = tuple(row[1:])
    said: defaultdict[int, dict[str, Choice]] = defaultdict(dict)
    for number, name, enabled, often in cells:
        said[number - 1][name] = enabled, often
    known.categories.update((place, choice(one, block.category)) for place, one in said.items())


def _verdict(question: Question, known: Known, place: int, block: Block, laws: LawBook) -> Verdict:
    facts = facts_of(known, place, block, laws)
    usage = block.usages[place]
    decision = decide(facts, question, Usage(*usage) if usage else None)
    return Verdict(
        decision=decision,
        language=facts.language,
        marketing_daily=decision.daily_limit,
        marketing_weekly=question.policy.weekly_limit,
        channel_daily=facts.daily_cap,
    )


def _columns(keyed: Sequence[Sequence[bytes]], places: Sequence[int]) -> tuple[HashArray, list[int]]:
    """Returns the hashes of all keys as one array, with the place of each."""
    return hash_array([digest for hashes in keyed for digest in hashes]), list(places) * len(keyed)


def _note_contacts(known: Known, places: Sequence[int], hashes: Sequence[bytes], rows: Rows) -> None:
    found: dict[bytes, UUID] = dict(rows)
    for place, digest in zip(places, hashes, strict=True):
        if digest in found:
            known.contacts[place] = found[digest].bytes


def _note_consents(known: Known, rows: Rows) -> None:
    """Notes consents of addresses behind which nobody was found."""
    known.address_consents = {place: status for place, status in rows if known.contacts[place] is None}


def _note_listed(known: Known, rows: Rows) -> None:
    known.dnd_listed = {place for (place,) in rows}


def _note_hits(known: Known, rows: Rows) -> None:
    for hit in map(suppression_store.Hit._make, rows):
        every, marketing, groups = known.suppressed.get(hit.place, (None, None, None))
        reason = f"{hit.reason} (platform)" if hit.is_platform else hit.reason
        if hit.scope == "all":
            every = reason
        elif hit.scope == "marketing":
            marketing = reason
        else:
            groups = reason
        known.suppressed[hit.place] = every, marketing, groups


def _needs_registries(block: Block, policy: TenantPolicy) -> bool:
    return (
        block.category.message_class == "marketing"
        and block.channel in _PHONE_CHANNELS
        and block.channel in policy.rules.dnd_channels
        and bool(policy.dnd_registries)
    )


def _in_countries(places: Sequence[int], numbers: Sequence[str], registries: Sequence[str]) -> set[int]:
    """Returns the places of numbers of the countries whose registries (`IN_NCPR`) these are."""
    if not registries:
        return set()
    import phonenumbers

    countries = {registry[:2] for registry in registries}
    return {
        place
        for place, number in zip(places, numbers, strict=True)
        if phonenumbers.region_code_for_number(phonenumbers.parse(number)) in countries
    }


def _store(
    uow: UnitOfWork, block: Block, known: Known, verdicts: list[Verdict], ids: Mapping[int, UUID]
) -> None:
    """Stores the decisions about the places that have an id."""
    numbers: dict[int, int] = {}
    distinct: list[StoredVerdict] = []
    kept = [verdicts[place] for place in ids]
    for verdict in kept:
        if id(verdict) not in numbers:
            distinct.append(stored_verdict(verdict.decision))
            numbers[id(verdict)] = len(distinct)
    contacts = [known.contacts[place] for place in ids]
    bare = [
        None if contact else known.hashes[place] or None for place, contact in zip(ids, contacts, strict=True)
    ]
    store.insert(
        uow,
        ids=list(ids.values()),
        contacts=uuid_array(contacts),
        hashes=hash_array(bare),
        messages=uuid_array([block.messages[place] for place in ids]),
        verdict_numbers=[numbers[id(verdict)] for verdict in kept],
        verdicts=distinct,
        channel=block.channel,
        category=block.category,
        branch_id=block.branch_id,
        at=known.at,
    )
