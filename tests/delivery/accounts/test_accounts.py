"""Accounts at providers: kept sealed, checked by field, seen by their owner only."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import grpc.aio
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.security.jwt import issue_person
from tests.delivery.outside import API_KEY, Outside, public_key, sendgrid_account, struct

SMTP = {
    "host": "mail.bazaar.example",
    "port": 587,
    "security": "starttls",
    "from_address": "news@bazaar.example",
    "return_path_domain": "bounces.bazaar.example",
}


def account(provider: str, config: dict[str, Any], **more: Any) -> pb.ProviderAccount:
    fields: dict[str, Any] = {"channel": enums_pb2.CHANNEL_EMAIL, "name": "main", **more}
    return pb.ProviderAccount(provider=provider, config=struct(**config), **fields)


async def create(
    outside: Outside, wanted: pb.ProviderAccount, credentials: dict[str, str], key: str = "", **caller: Any
) -> pb.CreateProviderAccountResponse:
    request = pb.CreateProviderAccountRequest(
        provider_account=wanted, credentials=credentials, idempotency_key=key
    )
    return await outside.providers.CreateProviderAccount(request, metadata=outside.house.as_person(**caller))


async def update(
    outside: Outside, changed: pb.ProviderAccount, *paths: str, credentials: dict[str, str] | None = None
) -> pb.ProviderAccount:
    request = pb.UpdateProviderAccountRequest(
        provider_account=changed, update_mask=FieldMask(paths=paths), credentials=credentials or {}
    )
    answer = await outside.providers.UpdateProviderAccount(request, metadata=outside.house.as_person())
    return answer.provider_account


async def get(outside: Outside, account_id: UUID | str, **caller: Any) -> pb.ProviderAccount:
    answer = await outside.providers.GetProviderAccount(
        pb.GetProviderAccountRequest(provider_account_id=str(account_id)),
        metadata=outside.house.as_person(**caller),
    )
    return answer.provider_account


def fields_of(error: grpc.aio.AioRpcError) -> set[str]:
    encoded = next(value for key, value in error.trailing_metadata() if key == "grpc-status-details-bin")
    for detail in status_pb2.Status.FromString(encoded).details:
        found = error_details_pb2.BadRequest()
        if detail.Unpack(found):
            return {violation.field for violation in found.field_violations}
    return set()


@pytest.mark.req("DEL-5", "DEL-35", "GEN-36")
async def test_an_account_is_created_with_defaults_and_shows_no_secret(outside: Outside) -> None:
    found = await get(outside, outside.account_id)
    assert (found.priority, found.rate_per_second, found.max_concurrency, found.timeout_ms) == (
        10,
        10,
        10,
        10_000,
    )
    assert (found.circuit, found.etag, found.is_disabled) == (pb.ProviderAccount.CIRCUIT_CLOSED, "1", False)
    assert found.webhook_path == outside.webhook_path
    assert found.webhook_path.startswith("/webhooks/sendgrid/")
    assert len(found.credentials_fingerprint) == 12
    assert API_KEY["api_key"] not in str(found)
    row = await outside.house.rows("SELECT after FROM audit WHERE action = 'provider_account.create'")
    assert API_KEY["api_key"] not in str(row)
    assert outside.webhook_path.rpartition("/")[2] not in str(row)


@pytest.mark.req("GEN-29", "DEL-35")
async def test_repeating_a_creation_returns_the_same_account_and_keeps_no_token_in_clear(
    outside: Outside,
) -> None:
    first = await create(outside, sendgrid_account(), API_KEY, key="once")
    second = await create(outside, sendgrid_account(), API_KEY, key="once")
    assert second.deduplicated
    assert second.provider_account == first.provider_account
    token = first.provider_account.webhook_path.rpartition("/")[2]
    [stored] = await outside.house.rows("SELECT string_agg(encode(response, 'escape'), '') FROM idempotency")
    assert token not in stored[0]


@pytest.mark.req("DEL-103", "DEL-108", "GEN-31")
@pytest.mark.parametrize(
    ("wanted", "credentials", "fields"),
    [
        (sendgrid_account(config={"from_address": "nobody"}), {}, {"config.from_address", "credentials.api_key"}),
        (sendgrid_account(config={"base_url": "ftp://x", "colour": "red"}), API_KEY, {"config.base_url", "config.colour"}),
        (sendgrid_account(config={"verification_key": "abc"}), API_KEY, {"config.verification_key"}),
        (sendgrid_account(), {"api_key": "a\nb", "token": "x"}, {"credentials.api_key", "credentials.token"}),
        (sendgrid_account(channel=enums_pb2.CHANNEL_SMS), API_KEY, {"channel"}),
        (account("pigeon", {}), {}, {"provider"}),
        (account("recording", {}), {}, {"provider"}),
        (account("smtp", {}), {}, {"config.host", "config.from_address", "config.return_path_domain"}),
        (
            account("smtp", {**SMTP, "port": 70_000, "security": "maybe"}),
            {"username": "u"},
            {"config.port", "config.security", "credentials.password"},
        ),
        (account("smtp", {**SMTP, "port": 25.5, "host": "a b"}), {}, {"config.port", "config.host"}),
        (account("smtp", SMTP), {"dkim_domain": "bazaar.example"}, {"credentials.dkim_private_key", "credentials.dkim_selector"}),
        (
            account("smtp", SMTP),
            {"dkim_domain": "bazaar.example", "dkim_selector": "s", "dkim_private_key": "no key"},
            {"credentials.dkim_private_key"},
        ),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named_field_by_field(
    outside: Outside, wanted: pb.ProviderAccount, credentials: dict[str, str], fields: set[str]
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await create(outside, wanted, credentials)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    expected = {name if name.startswith("cred") else f"provider_account.{name}" for name in fields}
    assert fields_of(refused.value) == expected
    assert await outside.house.value("SELECT count(*) FROM provider_account") == 1


async def test_a_relay_tells_by_mail_and_has_no_webhook(outside: Outside) -> None:
    created = await create(outside, account("smtp", SMTP), {"username": "u", "password": "p"})
    assert created.provider_account.webhook_path == ""
    assert dict(created.provider_account.config)["port"] == 587


@pytest.mark.req("DEL-5", "DEL-103", "DEL-104")
async def test_accounts_of_amazon_stand_behind_the_others_unless_they_are_placed(outside: Outside) -> None:
    config = {"region": "eu-central-1", "from_address": "news@bazaar.example"}
    credentials = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "secret"}
    created = []
    for priority in (0, 5):
        account = sendgrid_account(provider="ses", name=f"ses {priority}", priority=priority)
        account.config.Clear()
        account.config.update(config)
        answer = await outside.providers.CreateProviderAccount(
            pb.CreateProviderAccountRequest(provider_account=account, credentials=credentials),
            metadata=outside.house.as_person(),
        )
        created.append(answer.provider_account)
    assert [one.priority for one in created] == [20, 5]
    assert all(one.webhook_path.startswith("/webhooks/ses/") for one in created)


@pytest.mark.req("GEN-27", "GEN-28", "DEL-35")
async def test_an_update_changes_what_its_mask_names_and_needs_the_present_etag(outside: Outside) -> None:
    found = await get(outside, outside.account_id)
    changed = pb.ProviderAccount(
        provider_account_id=found.provider_account_id, etag="1", name="second", priority=3, is_disabled=True,
        message_classes=[enums_pb2.MESSAGE_CLASS_MARKETING],
    )  # fmt: skip
    answer = await update(outside, changed, "priority", "is_disabled", "message_classes")
    assert (answer.name, answer.priority, answer.is_disabled, answer.etag) == ("main", 3, True, "2")
    assert list(answer.message_classes) == [enums_pb2.MESSAGE_CLASS_MARKETING]
    assert answer.webhook_path == outside.webhook_path
    with pytest.raises(grpc.aio.AioRpcError) as stale:
        await update(outside, changed, "name")
    assert stale.value.code() == grpc.StatusCode.ABORTED
    changed.etag = "2"
    answer = await update(outside, changed, "credentials", credentials={"api_key": "SG.other"})
    assert answer.credentials_fingerprint != found.credentials_fingerprint
    for paths in ((), ("provider",), ("webhook_path",)):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await update(outside, changed, *paths)
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    changed.etag = "3"
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await update(outside, changed, "config")
    assert fields_of(refused.value) == {"provider_account.config.from_address"}


@pytest.mark.req("GEN-26")
async def test_accounts_are_listed_by_priority_page_by_page(outside: Outside) -> None:
    for priority in (5, 1, 5, 30):
        await create(outside, sendgrid_account(priority=priority), API_KEY)
    found: list[pb.ProviderAccount] = []
    token = ""
    while True:
        answer = await outside.providers.ListProviderAccounts(
            pb.ListProviderAccountsRequest(page_size=2, page_token=token), metadata=outside.house.as_person()
        )
        found += answer.provider_accounts
        token = answer.next_page_token
        if not token:
            break
    assert [one.priority for one in found] == [1, 5, 5, 10, 30]
    assert len({one.provider_account_id for one in found}) == 5
    none = await outside.providers.ListProviderAccounts(
        pb.ListProviderAccountsRequest(channel=enums_pb2.CHANNEL_SMS), metadata=outside.house.as_person()
    )
    assert not none.provider_accounts


@pytest.mark.req("GEN-8")
async def test_another_tenants_account_is_absent(outside: Outside) -> None:
    for call in (
        get(outside, outside.account_id, tenant_id=uuid4()),
        outside.providers.VerifyProviderAccount(
            pb.VerifyProviderAccountRequest(provider_account_id=str(outside.account_id)),
            metadata=outside.house.as_person(tenant_id=uuid4()),
        ),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    answer = await outside.providers.ListProviderAccounts(
        pb.ListProviderAccountsRequest(), metadata=outside.house.as_person(tenant_id=uuid4())
    )
    assert not answer.provider_accounts


@pytest.mark.req("DEL-5")
async def test_the_platforms_accounts_are_kept_by_its_administrators(outside: Outside) -> None:
    token = issue_person(outside.house.settings, None, "admin-1", ("platform_admin",))
    created = await outside.providers.CreateProviderAccount(
        pb.CreateProviderAccountRequest(provider_account=sendgrid_account(), credentials=API_KEY),
        metadata=(("authorization", f"Bearer {token}"),),
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await get(outside, created.provider_account.provider_account_id)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.req("DEL-36", "SEC-94")
async def test_a_provider_that_says_nothing_about_an_account_is_an_error_and_counts_against_it(
    outside: Outside,
) -> None:
    closed = sendgrid_account(config={"base_url": "http://127.0.0.1:9", "from_address": "a@b.example"})
    created = await create(outside, closed, API_KEY)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await outside.providers.VerifyProviderAccount(
            pb.VerifyProviderAccountRequest(provider_account_id=created.provider_account.provider_account_id),
            metadata=outside.house.as_person(),
        )
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    info = error_details_pb2.ErrorInfo()
    status: Any = rpc_status.from_call(refused.value)  # type: ignore[arg-type]  # an aio call has what is read
    assert any(detail.Unpack(info) for detail in status.details)
    assert (info.reason, info.metadata["code"], info.metadata["provider"]) == (
        "PROVIDER_ERROR",
        "MARKETING_052",
        "sendgrid",
    )
    found = await get(outside, created.provider_account.provider_account_id)
    assert found.last_error
    rows = await outside.house.rows(
        "SELECT consecutive_failures, last_check_at IS NOT NULL FROM provider_account WHERE account_id = %s",
        found.provider_account_id,
    )
    assert rows == [(1, True)]


def test_the_key_of_these_tests_is_of_sendgrids_shape() -> None:
    assert len(public_key()) == 124
    assert public_key().startswith("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE")
