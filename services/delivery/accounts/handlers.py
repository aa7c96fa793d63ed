"""Use cases of provider accounts (DEL-35, DEL-36)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import orjson

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, failed, not_found
from services.common.ids import uuid7
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.security.envelope import Envelope, fingerprint
from services.delivery.accounts import convert, records, store
from services.delivery.accounts.adapters import Adapters, aad_of_credentials
from services.delivery.accounts.circuits import Circuits
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.health import Observation
from services.delivery.accounts.records import Record
from services.delivery.accounts.webhooks import WebhookTokens, aad_of_token, path_of
from services.delivery.providers import ConfigurationError, Verification
from services.delivery.providers.base import masked
from services.delivery.providers.kinds import Problem, Rules
from services.delivery.providers.registry import kind_of, provider_problems

VERIFY_SECONDS: Final = 12.0


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the use cases need."""

    database: Database
    envelope: Envelope
    tokens: WebhookTokens
    adapters: Adapters
    circuits: Circuits
    production: bool
    recording: bool

    def rules(self, tenant_id: UUID) -> Rules:
        """Returns what this deployment allows an account of a tenant, or of the platform."""
        return Rules(self.production, self.recording, is_platform=tenant_id == PLATFORM)


async def create(
    deps: Accounts,
    uow: UnitOfWork,
    message: pb.ProviderAccount,
    credentials: Mapping[str, str],
    *,
    account_id: UUID | None = None,
) -> Record:
    """Creates an account, of a new id unless one is given; INVALID_CONFIGURATION names every field that is wrong."""
    tenant_id = _owner(uow)
    rules = deps.rules(tenant_id)
    record = convert.new_record(message, tenant_id, account_id or uuid7(), uow.now())
    problems = provider_problems(record.provider, record.channel.name.lower(), rules)
    if not problems:
        problems += _problems(record, rules, credentials)
    if error := convert.refusal(problems):
        raise error
    token = deps.tokens.make()
    record = replace(
        await _with_credentials(deps, uow, record, credentials),
        webhook_token=await deps.envelope.seal(uow, token.encode(), aad_of_token(record.account_id)),
    )
    await records.insert(uow, record, deps.tokens.hash(token))
    await _audit(uow, "provider_account.create", None, record)
    return record


async def change(
    deps: Accounts,
    uow: UnitOfWork,
    message: pb.ProviderAccount,
    paths: list[str],
    credentials: Mapping[str, str],
) -> Record:
    """Changes an account; VERSION_CONFLICT when it was changed since it was read."""
    current = await get(uow, message.provider_account_id)
    if message.etag != str(current.version):
        raise aborted("the account was changed meanwhile: read it again")
    changed = convert.merged(current, message, paths, uow.now())
    given = credentials if convert.CREDENTIALS in paths else None
    rules = deps.rules(current.tenant_id)
    problems = _problems(changed, rules, given)
    if not changed.name:
        problems.append(("name", "must not be empty"))
    if error := convert.refusal(problems):
        raise error
    if given is not None:
        changed = await _with_credentials(deps, uow, changed, given)
    changed = replace(changed, version=current.version + 1)
    if not await records.update(uow, changed):
        raise aborted("the account was changed meanwhile: read it again")
    await _audit(uow, "provider_account.update", current, changed)
    return changed


async def get(uow: UnitOfWork, account_id: str) -> Record:
    """Returns an account of the caller; NOT_FOUND for any other's."""
    try:
        found = await records.record(uow, UUID(account_id))
    except ValueError:
        found = None
    if found is None:
        raise not_found("provider account", account_id)
    return found


async def page(
    deps: Accounts, uow: UnitOfWork, request: pb.ListProviderAccountsRequest
) -> pb.ListProviderAccountsResponse:
    """Returns a page of the caller's accounts by priority."""
    size = page_size(request.page_size)
    parameters = parameters_hash(request)
    key = PageToken.decode(request.page_token, parameters, length=2)
    try:
        after = (int(key[0]), UUID(key[1])) if key else None
    except ValueError:
        raise bad_token() from None
    found = await records.page(uow, request.channel, after, size + 1)
    answer = pb.ListProviderAccountsResponse(
        provider_accounts=[await shown(deps, uow, one) for one in found[:size]]
    )
    if len(found) > size:
        last = found[size - 1]
        answer.next_page_token = PageToken.encode([last.priority, last.account_id], parameters)
    return answer


async def shown(deps: Accounts, uow: UnitOfWork, record: Record) -> pb.ProviderAccount:
    """Returns an account as its owner sees it, with the path of its webhook."""
    return convert.to_proto(record, await webhook_path(deps, uow, record))


async def webhook_path(deps: Accounts, uow: UnitOfWork, record: Record) -> str:
    """Returns the path of an account's webhook."""
    if record.webhook_token is None:
        return ""
    token = await deps.envelope.open(uow, record.webhook_token, aad_of_token(record.account_id))
    return path_of(record.provider, token.decode())


async def verify(deps: Accounts, tenant_id: UUID, account_id: str) -> Verification:
    """Checks an account at its provider now; what it finds counts for the circuit."""
    async with deps.database.tenant(tenant_id) as uow:
        await get(uow, account_id)
    account = await store.by_id(deps.database, tenant_id, UUID(account_id))
    if account is None or account.tenant_id != tenant_id:
        raise not_found("provider account", account_id)
    try:
        provider = await deps.adapters.of(account)
        async with asyncio.timeout(VERIFY_SECONDS):
            found = await provider.verify()
    except ConfigurationError as error:
        return Verification(False, str(error))
    except TimeoutError:
        words = "the provider did not answer in time"
        found = Verification(False, words, provider_fault=True, is_answer=False)
    seen = Observation(int(found.ok), int(found.provider_fault and not found.ok), "verification_failed")
    await deps.circuits.checked(account, seen, masked(found.details), found.quota)
    if not found.is_answer:
        raise failed(
            "PROVIDER_ERROR", "the provider said nothing about the account", provider=account.provider
        )
    return found


def _problems(record: Record, rules: Rules, credentials: Mapping[str, str] | None) -> list[Problem]:
    kind = kind_of(record.provider)
    problems = [*kind.config_problems(record.config, rules), *convert.care_problems(record)]
    if credentials is not None:
        problems += kind.credential_problems(credentials)
    return problems


async def _with_credentials(
    deps: Accounts, uow: UnitOfWork, record: Record, credentials: Mapping[str, str]
) -> Record:
    if not credentials:
        return replace(record, credentials=None, credentials_fingerprint="")
    plain = orjson.dumps(dict(credentials), option=orjson.OPT_SORT_KEYS)
    sealed = await deps.envelope.seal(uow, plain, aad_of_credentials(record.account_id))
    return replace(record, credentials=sealed, credentials_fingerprint=fingerprint(plain))


async def _audit(uow: UnitOfWork, action: str, before: Record | None, after: Record) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="provider_account",
        resource_id=after.account_id,
        before=convert.audited(before) if before else None,
        after=convert.audited(after),
    )


def _owner(uow: UnitOfWork) -> UUID:
    assert uow.tenant_id is not None  # noqa: S101 - accounts are kept in the unit of work of their owner
    return uow.tenant_id
