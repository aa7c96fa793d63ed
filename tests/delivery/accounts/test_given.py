"""Accounts of the platform that the environment describes."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from services.common.settings import read
from services.delivery.accounts import given, records, store
from services.delivery.accounts.adapters import aad_of_credentials
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.given import GivenAccounts, account_id_of
from services.delivery.accounts.handlers import Accounts
from services.delivery.bootstrap import build
from services.delivery.messages.domain import Channel, MessageClass
from services.delivery.settings import DeliverySettings
from tests.common.given import COMPLETE
from tests.delivery.outside import Outside, public_key

SENDGRID = {
    "sendgrid_api_key": "SG.key",
    "sendgrid_from_email": "news@platform.example",
    "sendgrid_from_name": "Platform",
    "sendgrid_webhook_verification_key": public_key(),
}
AWS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "k" * 40}
TWILIO = {
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_auth_token": "t" * 32,
    "twilio_from_number": "+15005550006",
}
SMTP = {
    "smtp_host": "relay.platform.example",
    "smtp_secure": True,
    "smtp_user": "platform",
    "smtp_password": "pw",
    "email_from": "news@platform.example",
}
FCM = {
    "fcm_project_id": "platform-push",
    "fcm_client_email": "push@platform.example",
    "fcm_private_key": "-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----",
}


def settings(**given: Any) -> DeliverySettings:
    return read(DeliverySettings, **{**COMPLETE, **given})


def described(**given: Any) -> dict[str, Any]:
    return {one.provider: one for one in settings(**given).platform_accounts()}


@pytest.mark.req("GEN-43")
def test_each_complete_set_describes_one_account() -> None:
    assert described() == {}
    found = described(**SENDGRID, **TWILIO, **SMTP, **FCM)
    assert sorted(found) == ["fcm", "sendgrid", "smtp", "twilio"]
    assert found["smtp"].config == {
        "host": "relay.platform.example",
        "port": 587,
        "security": "tls",
        "from_address": "news@platform.example",
        "return_path_domain": "platform.example",
    }
    assert found["twilio"].config["from"] == "+15005550006"
    assert found["fcm"].credentials["private_key"].splitlines()[1] == "abc"
    assert {one.priority for one in found.values()} == {0}
    assert "SG.key" not in repr(found["sendgrid"])


@pytest.mark.req("GEN-43")
def test_keys_of_amazon_serve_what_is_named_and_what_is_named_goes_first() -> None:
    assert described(**AWS) == {}
    found = described(
        **AWS, **SENDGRID, email_provider="ses", sms_provider="aws_sns", email_from="a@b.example"
    )
    assert {name: one.priority for name, one in found.items()} == {"sendgrid": 0, "ses": 1, "aws_sns": 1}
    assert found["ses"].config == {"region": "us-east-1", "from_address": "a@b.example"}
    assert described(**{**AWS, "aws_region": "eu-central-1"}, sms_provider="aws_sns")["aws_sns"].config == {
        "region": "eu-central-1"
    }


@pytest.mark.req("GEN-43")
@pytest.mark.parametrize(
    ("given", "variable"),
    [
        ({"sendgrid_api_key": "SG.key"}, "SENDGRID_FROM_EMAIL"),
        ({"email_provider": "sendgrid"}, "SENDGRID_API_KEY"),
        ({**SENDGRID, "sendgrid_webhook_verification_key": "x"}, "SENDGRID_WEBHOOK_VERIFICATION_KEY"),
        ({**TWILIO, "twilio_auth_token": ""}, "TWILIO_AUTH_TOKEN"),
        ({**TWILIO, "twilio_messaging_service_sid": "MG" + "0" * 32}, "TWILIO_FROM_NUMBER"),
        ({**SMTP, "email_from": ""}, "EMAIL_FROM"),
        ({**SMTP, "smtp_user": ""}, "SMTP_USER"),
        ({"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"}, "AWS_SECRET_ACCESS_KEY"),
        ({"email_provider": "ses", **AWS}, "EMAIL_FROM"),
        ({"push_provider": "fcm", "fcm_project_id": "platform-push"}, "FCM_PRIVATE_KEY"),
        ({"email_provider": "pigeon"}, "EMAIL_PROVIDER"),
    ],
)
def test_a_part_of_a_set_stops_the_start_and_names_the_variable(given: dict[str, Any], variable: str) -> None:
    with pytest.raises((ValidationError, ValueError)) as refused:
        settings(**given)
    assert variable.lower() in str(refused.value).lower()
    assert "SG.key" not in str(refused.value)


@pytest.mark.req("GEN-43", "DEL-75")
async def test_the_accounts_are_made_once_and_serve_tenants_without_their_own(outside: Outside) -> None:
    house = outside.house
    mine = house.settings.model_copy(update=dict(settings(**SENDGRID, **TWILIO)))
    deps = accounts_of(outside, mine)
    both = [GivenAccounts(deps, settings(**SENDGRID, **TWILIO).platform_accounts()) for _ in range(2)]
    await asyncio.gather(*(one.make() for one in both))
    database = house.service.database
    [texts] = await store.suitable(database, house.tenant_id, Channel.SMS, MessageClass.TRANSACTIONAL)
    assert (texts.tenant_id, texts.provider) == (PLATFORM, "twilio")
    [mail] = await store.suitable(database, house.tenant_id, Channel.EMAIL, MessageClass.TRANSACTIONAL)
    assert mail.account_id == outside.account_id
    async with database.tenant(PLATFORM) as uow:
        found = await records.record(uow, account_id_of("sendgrid"))
        assert found is not None
        assert found.credentials is not None
        plain = await deps.envelope.open(uow, found.credentials, aad_of_credentials(found.account_id))
        assert orjson.loads(plain) == {"api_key": "SG.key"}
        assert found.webhook_token is not None
        await records.delete(uow, found.account_id)
    await both[0].make()
    async with database.tenant(PLATFORM) as uow:
        assert await records.record(uow, account_id_of("sendgrid")) is None
        assert await records.record(uow, account_id_of("twilio")) is not None
    [(actor,)] = await house.rows(
        "SELECT DISTINCT actor FROM audit WHERE action = 'provider_account.create' AND resource_id = %s",
        str(account_id_of("twilio")),
    )
    assert given.MAKER.subject in actor


async def test_a_worker_makes_the_accounts_of_its_environment_when_it_starts(outside: Outside) -> None:
    described = settings(**TWILIO).model_dump(include=set(TWILIO))
    mine = outside.house.settings.model_copy(update={**described})
    stop = asyncio.Event()
    async with build(mine) as service:
        [loop] = [one for one in service.loops if one.name == "accounts"]
        task: asyncio.Task[None] = asyncio.create_task(loop.run(stop))  # type: ignore[arg-type]
        made = "SELECT count(*) FROM provider_account WHERE provider = 'twilio'"
        await outside.house.until(lambda: outside.house.value(made))
        assert not task.done()
        stop.set()
        await asyncio.wait_for(task, 5)


def accounts_of(outside: Outside, mine: DeliverySettings) -> Accounts:
    [found] = [
        one.servicer
        for one in outside.house.service.registrations
        if one.descriptor.name == "ProviderService"
    ]
    accounts: Accounts = found._accounts._accounts  # type: ignore[attr-defined]
    return accounts
