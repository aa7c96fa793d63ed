"""Templates from their author to WhatsApp and back: handed in, decided, told by a signed call, and sent or not."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from uuid import uuid4

import orjson
import pytest

from angarium.campaign.v1 import template_service_pb2 as template_pb
from angarium.campaign.v1 import whatsapp_template_service_pb2 as pb
from angarium.campaign.v1.whatsapp_template_service_pb2_grpc import WhatsAppTemplateServiceStub
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2, provider_service_pb2
from tests.campaign.templates.given import variable
from tests.e2e.city import City

BUSINESS = "102290129340398"
SECRET = "app secret"
APPROVED = enums_pb2.WHATS_APP_APPROVAL_STATE_APPROVED
PENDING = enums_pb2.WHATS_APP_APPROVAL_STATE_PENDING
REJECTED = enums_pb2.WHATS_APP_APPROVAL_STATE_REJECTED


async def account(city: City) -> Any:
    """A number of a business account at Meta's emulator."""
    made = provider_service_pb2.ProviderAccount(
        channel=enums_pb2.CHANNEL_WHATSAPP, provider="meta", name="meta", rate_per_second=100, priority=1
    )
    made.config.update(
        {
            "phone_number_id": "27681414235104944",
            "business_account_id": BUSINESS,
            "base_url": f"{city.sandbox_url}/v24.0",
        }
    )
    credentials = {"access_token": "token", "app_secret": SECRET, "verify_token": "our token"}
    answer = await city.cast.ada.providers.CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=made, credentials=credentials, idempotency_key=str(uuid4())
        )
    )
    return answer.provider_account


async def active(city: City, name: str) -> Any:
    """A code, as people who log in get it."""
    stub = city.cast.ada.templates
    made = await stub.CreateTemplate(
        template_pb.CreateTemplateRequest(
            template=template_pb.Template(
                name=name,
                channel=enums_pb2.CHANNEL_WHATSAPP,
                template_type=template_pb.TEMPLATE_TYPE_TRANSACTIONAL,
                category=enums_pb2.CATEGORY_ACCOUNT_SECURITY,
            ),
            version=template_pb.TemplateVersion(
                contents=[
                    template_pb.TemplateContent(
                        language_code="en",
                        body_text="Your code for {{ shop }} is {{ code }}, keep it.",
                        variable_order=["code", "shop"],
                    )
                ],
                variables=[variable("code", sample="4711"), variable("shop", sample="Bazaar")],
            ),
        )
    )
    done = await stub.ActivateTemplateVersion(
        template_pb.ActivateTemplateVersionRequest(template_id=made.template.template_id, version=1)
    )
    return done.version.template_version_id, made.template.template_id


async def hand_in(city: City, template_id: str, account_id: str, **more: Any) -> Any:
    stub: Any = city.cast.ada.channels.stub(WhatsAppTemplateServiceStub, "campaign")
    answer = await stub.SubmitWhatsAppTemplate(
        pb.SubmitWhatsAppTemplateRequest(
            template_id=template_id, provider_account_id=account_id, idempotency_key=str(uuid4()), **more
        )
    )
    return answer.approval


async def send(city: City, version_id: str, number: str) -> None:
    recipient = message_service_pb2.Recipient(address=number)
    recipient.variables.update({"code": "1234", "shop": "Bazaar"})
    await city.cast.ada.messages.SendBatch(
        message_service_pb2.SendBatchRequest(
            content=message_service_pb2.MessageContent(
                channel=enums_pb2.CHANNEL_WHATSAPP,
                category=enums_pb2.CATEGORY_ACCOUNT_SECURITY,
                template_version_id=version_id,
            ),
            recipients=[recipient],
            idempotency_key=str(uuid4()),
        )
    )


async def tell(city: City, path: str, template_id: str, event: str, *, secret: str = SECRET) -> int:
    value = {
        "event": event,
        "message_template_id": int(template_id),
        "message_template_name": "login_code_v1",
        "message_template_language": "en",
        "reason": "NONE",
    }
    change = {"field": "message_template_status_update", "value": value}
    body = orjson.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": BUSINESS, "changes": [change]}]}
    )
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}
    async with city.session.post(city.base_url + path, data=body, headers=headers) as answer:
        return answer.status


@pytest.mark.req("CAM-49", "CAM-50", "CAM-94", "CAM-146", "EVT-117", "DEL-105")
async def test_what_whatsapp_decides_is_what_may_be_sent(city: City) -> None:
    known = await account(city)
    good, good_template = await active(city, "Login code")
    bad, bad_template = await active(city, "Rejected code")

    first = await hand_in(city, good_template, known.provider_account_id)
    assert (first.state, first.whatsapp_template_name) == (PENDING, "login_code_v1")
    assert first.business_account == f"meta:{BUSINESS}"
    assert first.whatsapp_template_id
    await hand_in(city, bad_template, known.provider_account_id)

    # Asked again, what stands already is looked up and not handed in twice.
    assert (await hand_in(city, good_template, known.provider_account_id)).state == APPROVED
    refused = await hand_in(city, bad_template, known.provider_account_id)
    assert (refused.state, refused.reason) == (REJECTED, "INCORRECT_CATEGORY")

    await send(city, good, "+12025550101")
    await send(city, bad, "+12025550102")
    codes = "SELECT coalesce(string_agg(failure_code, ',' ORDER BY message_id), '') FROM delivery.message WHERE state = 11"
    await city.until_value(codes, "whatsapp_template_not_approved")
    sent = "SELECT count(*) FROM delivery.message WHERE provider = 'meta' AND provider_message_id <> ''"
    await city.until_value(sent, 1)
    assert await city.taken("+12025550101") == ["[login_code_v1 en] 1234, Bazaar"]
    assert await city.taken("+12025550102") == []

    path = known.webhook_path
    assert await tell(city, path, first.whatsapp_template_id, "PAUSED", secret="a stranger's") == 401
    assert await tell(city, path, first.whatsapp_template_id, "PAUSED") == 200
    assert await tell(city, path, first.whatsapp_template_id, "PAUSED") == 200
    assert await tell(city, path, "1", "PAUSED") == 200
    states = await city.rows("SELECT state FROM campaign.whatsapp_approval ORDER BY whatsapp_template_name")
    assert states == [(4,), (3,)]
    told = "SELECT count(*) FROM campaign.outbox WHERE type = 'template.whatsapp_status_changed'"
    assert await city.rows(told) == [(5,)]
    alerts = await city.rows(
        "SELECT variables ->> 'template', variables ->> 'state' FROM campaign.staff_alert "
        "WHERE template_name = 'whatsapp-template-stopped' ORDER BY 1"
    )
    assert alerts == [("Login code", "paused"), ("Rejected code", "rejected")]
