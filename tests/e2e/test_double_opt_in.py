"""A person is asked by a real letter, confirms on a real page, and is listened to when leaving again."""

import asyncio
import email
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from email import policy
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
from rich.console import Console

from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2, consent_pb2, consent_service_pb2
from cli.demo.actors import Cast
from cli.demo.sandbox import SandboxClient
from cli.demo.stage import Stage
from cli.demo.steps import tenant
from cli.demo.steps.stack import Stack, running_stack
from cli.demo.wish import Wish
from cli.state_folder import StateFolder
from services.common.ids import uuid7

ADDRESS = "silent+dora@example.org"
EMAIL, MARKETING = enums_pb2.CHANNEL_EMAIL, enums_pb2.MESSAGE_CLASS_MARKETING
PENDING, GRANTED = consent_pb2.Consent.STATE_PENDING, consent_pb2.Consent.STATE_GRANTED


class Shop(NamedTuple):
    """A tenant on a whole stack, and the mailbox of its customers."""

    stack: Stack
    cast: Cast
    sandbox: SandboxClient
    session: aiohttp.ClientSession

    async def add_contact(self) -> str:
        contact = contact_pb2.Contact(external_id="dora", email=ADDRESS, name="Dora", language_code="en")
        answer = await self.cast.ada.contacts.UpsertContact(
            contact_service_pb2.UpsertContactRequest(contact=contact, idempotency_key="dora")
        )
        return str(answer.contact.contact_id)

    async def decision(self, contact_id: str) -> compliance_service_pb2.Decision:
        context = compliance_service_pb2.EvaluationContext(
            channel=EMAIL,
            category=enums_pb2.CATEGORY_NEWSLETTER,
            purpose=compliance_service_pb2.EVALUATION_PURPOSE_PREVIEW,
        )
        request = compliance_service_pb2.EvaluateSendRequest(
            subject=consent_pb2.Subject(contact_id=contact_id), address=ADDRESS, context=context
        )
        answer = await self.cast.ada.compliance.EvaluateSend(request)
        found: compliance_service_pb2.Decision = answer.decision
        return found

    async def letter(self) -> str:
        """The text of the first letter to arrive."""
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            for message in await self.sandbox.messages(""):
                if message["address"] == ADDRESS and message["delivered_at"]:
                    return await self._text(message["number"])
            await asyncio.sleep(0.2)
        pytest.fail("no letter arrived")

    async def _text(self, number: int) -> str:
        async with self.session.get(f"{self.sandbox.url}/messages/{number}/source") as answer:
            mail = email.message_from_bytes(await answer.read(), policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    async def ask(self, method: str, url: str, data: dict[str, str] | None = None) -> str:
        async with self.session.request(method, url, data=data) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return text


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    stage = Stage(Console(highlight=False, width=140))
    async with AsyncExitStack() as leaving:
        folder = StateFolder.at(tmp_path / "state")
        stack = await leaving.enter_async_context(running_stack(Wish(workers=1), folder, stage))
        cast = Cast(stack.client_settings, uuid7())
        leaving.push_async_callback(cast.leave)
        sandbox = await leaving.enter_async_context(SandboxClient(stack.installation.sandbox_url))
        session = await leaving.enter_async_context(aiohttp.ClientSession())
        with stage.phase("tenant", "A tenant with accounts") as phase:
            await tenant.create_tenant(cast, phase)
            await tenant.create_accounts(cast, stack, sandbox, phase)
        yield Shop(stack, cast, sandbox, session)


async def granted(shop: Shop, contact_id: str) -> consent_pb2.Consent:
    request = consent_service_pb2.GrantConsentRequest(
        subject=consent_pb2.Subject(contact_id=contact_id),
        channel=EMAIL,
        message_class=MARKETING,
        source=consent_pb2.CONSENT_SOURCE_STAFF,
        wording_version="newsletter-3",
        double_opt_in=True,
        idempotency_key="dora",
    )
    answer: Any = await shop.cast.ada.consents.GrantConsent(request)
    consent: consent_pb2.Consent = answer.consent
    return consent


@pytest.mark.req("CON-57", "CON-63", "CON-65", "GAT-11", "REL-7")
async def test_who_confirms_by_the_letters_link_is_written_to_and_who_leaves_is_not(shop: Shop) -> None:
    contact_id = await shop.add_contact()
    assert (await granted(shop, contact_id)).state == PENDING
    assert (await shop.decision(contact_id)).reason == compliance_service_pb2.DECISION_REASON_CONSENT_PENDING

    [link] = re.findall(r"http\S+/consent/confirm/\S+", await shop.letter())
    page = await shop.ask("GET", link)
    assert (await shop.decision(contact_id)).reason == compliance_service_pb2.DECISION_REASON_CONSENT_PENDING
    [form_token] = re.findall(r'name="form_token" value="(\w+)"', page)
    await shop.ask("POST", link, {"form_token": form_token})
    allowed = await shop.decision(contact_id)
    assert allowed.outcome == compliance_service_pb2.OUTCOME_ALLOW

    one_click = f"{shop.stack.installation.gateway_url}/unsubscribe/{allowed.unsubscribe_token}"
    await shop.ask("POST", one_click, {"List-Unsubscribe": "One-Click"})
    refused = await shop.decision(contact_id)
    assert refused.outcome == compliance_service_pb2.OUTCOME_DENY
