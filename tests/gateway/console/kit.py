"""Who works with the console in tests: a browser without scripts, and the world it looks into."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import psycopg
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from angarium.campaign.v1 import campaign_pb2, contact_pb2, contact_service_pb2, event_intake_service_pb2
from angarium.campaign.v1 import campaign_service_pb2 as campaign_rpc
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from angarium.common.v1 import enums_pb2
from gateway.console import tickets
from gateway.console.streams import Streams
from services.campaign.ledger.domain import recipient_id_of
from services.common.clock import FixedClock
from services.common.ids import uuid7
from services.common.security.jwt import issue_neighbour, issue_person
from services.common.security.keys import KeySet
from tests.analytics.desk import Desk
from tests.campaign.templates.given import active_template, content, version
from tests.common.given import COMPLETE
from tests.delivery.kit import House, recipient
from tests.house import Served

TOKEN_KEYS = KeySet.parse(COMPLETE["token_keys"])
CALM = content(
    subject="Our spring letter", body_html="<p>Hello {{ contact.first_name }}, spring is here.</p>"
)


@dataclass
class Page:
    """What a browser got."""

    status: int
    headers: Any
    text: str

    @property
    def tree(self) -> HTMLParser:
        return HTMLParser(self.text)

    @property
    def said(self) -> str:
        """The words of the page, without its tags."""
        return " ".join(self.tree.body.text(separator=" ").split()) if self.tree.body else ""

    def has(self, selector: str) -> bool:
        return bool(self.tree.css(selector))

    def fields(self, action: str) -> dict[str, Any]:
        """The hidden fields of a form, as a browser would send them."""
        forms = [one for one in self.tree.css("form[method=post]") if one.attributes.get("action") == action]
        form = forms[0]
        return {
            str(one.attributes["name"]): one.attributes.get("value") or ""
            for one in form.css("input[type=hidden]")
        }


@dataclass
class Operator:
    """A person at a browser."""

    url: str
    session: aiohttp.ClientSession
    latest: Page = field(default_factory=lambda: Page(0, {}, ""))

    async def get(self, path: str, **named: Any) -> Page:
        async with self.session.get(self.url + path, allow_redirects=False, **named) as answer:
            self.latest = Page(answer.status, answer.headers, await answer.text())
        return self.latest

    async def post(self, path: str, data: Any, **named: Any) -> Page:
        async with self.session.post(self.url + path, data=data, allow_redirects=False, **named) as answer:
            self.latest = Page(answer.status, answer.headers, await answer.text())
        return self.latest

    async def submit(self, action: str, more: Any = (), **fields: str) -> Page:
        """Sends a form of the page last seen, and follows where it leads."""
        known = {**self.latest.fields(action), **fields}
        await self.post(action, [*known.items(), *more])
        while self.latest.status == 303:
            await self.get(self.latest.headers["location"])
        return self.latest


@dataclass
class World:
    """One tenant, three real services that know it, and the gateway before them."""

    url: str
    house: House
    desk: Desk
    campaign: Served
    clock: FixedClock
    streams: Streams
    behind: dict[str, Any]
    """What another door to the same services needs."""

    @property
    def tenant_id(self) -> UUID:
        return self.house.tenant_id

    def bearer(
        self,
        *roles: str,
        tenant_id: UUID | None = None,
        ttl: timedelta = timedelta(hours=1),
        subject: str = "anna",
    ) -> str:
        is_platform = roles == ("platform_admin",) and tenant_id is None
        tenant = None if is_platform else tenant_id or self.tenant_id
        return issue_person(self.house.settings, tenant, subject, roles or ("super_owner",), (), ttl)

    def ticket(self, *roles: str, **named: Any) -> str:
        return tickets.issue(TOKEN_KEYS, self.bearer(*roles, **named), self.clock.now())

    @asynccontextmanager
    async def browser(self, url: str = "") -> AsyncIterator[Operator]:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            yield Operator(url or self.url, session)

    @asynccontextmanager
    async def signed_in(self, *roles: str, url: str = "", **named: Any) -> AsyncIterator[Operator]:
        async with self.browser(url) as operator:
            page = await operator.post("/console/sign-in", {"ticket": self.ticket(*roles, **named)})
            assert page.status == 303, page.text
            yield operator

    # What there is to see

    async def rows(self, query: str, *params: Any, url: str = "") -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(
            url or self.house.owner_url, autocommit=True
        ) as connection:
            cursor = await connection.execute(query, params)  # type: ignore[arg-type]
            return await cursor.fetchall() if cursor.description else []

    async def given_up(self, count: int) -> list[str]:
        """Messages that a provider refused for good; returns the ids of their dead letters."""
        async with self.house.worker():
            sent = await self.house.send_block(
                self.house.campaign_content(), [recipient(0) for _ in range(count)]
            )
            await self.house.until(lambda: self._are_given_up(list(sent.message_ids)))
        return list(sent.message_ids)

    async def _are_given_up(self, messages: list[str]) -> bool:
        return set(messages) <= set(await self.open_letters())

    async def open_letters(self) -> list[str]:
        rows = await self.house.rows(
            "SELECT message_id FROM dead_letter WHERE tenant_id = %s AND resolved_at IS NULL ORDER BY message_id",
            self.tenant_id,
        )
        return [str(row[0]) for row in rows]

    async def sending(self, name: str, *variants: str) -> campaign_pb2.Campaign:
        """A campaign that is being sent, a third of it done."""
        template = await active_template(
            self.campaign, f"t{uuid7().hex}", version=version(CALM, variables=[])
        )
        fields: dict[str, Any] = {
            "name": name,
            "channel": enums_pb2.CHANNEL_EMAIL,
            "template_id": template.template_id,
            "target_all_contacts": True,
            "variants": [
                campaign_pb2.CampaignVariant(
                    key=key, name=key, subject=f"Spring {key}", share_basis_points=5000
                )
                for key in variants
            ],
        }
        await self.contact(f"reader-{uuid4()}")
        stub = self.campaign.person(CampaignServiceStub)
        made = await stub.CreateCampaign(
            campaign_rpc.CreateCampaignRequest(campaign=campaign_pb2.Campaign(**fields))
        )
        campaign_id = made.campaign.campaign_id
        await stub.SubmitCampaign(campaign_rpc.SubmitCampaignRequest(campaign_id=campaign_id))
        await stub.SendCampaign(campaign_rpc.SendCampaignRequest(campaign_id=campaign_id))
        await self.count(campaign_id, pending=200, sent=40, delivered=60)
        return (await stub.GetCampaign(campaign_rpc.GetCampaignRequest(campaign_id=campaign_id))).campaign

    async def count(self, campaign_id: str, **counts: int) -> None:
        """Sets how many recipients of a campaign stand where."""
        changes = ", ".join(f"{name} = {int(count)}" for name, count in counts.items())
        await self.rows(
            f"UPDATE campaign.campaign_run_tally t SET {changes} FROM campaign.campaign_run r"
            " WHERE r.tenant_id = t.tenant_id AND r.run_id = t.run_id AND r.campaign_id = %s",
            campaign_id,
        )

    async def left_out(self, campaign_id: str, reason: str, external_id: str) -> str:
        """A recipient whom a campaign left out before a message was made; returns the id of its line."""
        contact_id = await self.contact(external_id)
        ((run_id,),) = await self.rows(
            "SELECT run_id FROM campaign.campaign_run WHERE campaign_id = %s", campaign_id
        )
        recipient_id = str(recipient_id_of(run_id, UUID(contact_id)))
        await self.rows(
            "INSERT INTO campaign.campaign_recipient (tenant_id, recipient_id, run_id, contact_id, block_no, variant,"
            " state, complained, reason) VALUES (%s, %s, %s, %s, 1, 0, 8, false, %s)",
            self.tenant_id,
            recipient_id,
            run_id,
            contact_id,
            reason,
        )
        return recipient_id

    async def contact(self, external_id: str) -> str:
        stub = self.campaign.person(ContactServiceStub)
        contact = contact_pb2.Contact(
            external_id=external_id, first_name="Maya", email=f"{external_id}@example.com"
        )
        made = await stub.UpsertContact(contact_service_pb2.UpsertContactRequest(contact=contact))
        return made.contact.contact_id

    async def dead_event(self) -> str:
        """An event of a neighbour that failed five times."""
        event_id = str(uuid4())
        neighbour = issue_neighbour(self.campaign.settings, self.tenant_id, "orders")
        stub: Any = self.campaign._stub(EventIntakeServiceStub, neighbour, None)
        envelope = event_intake_service_pb2.InboundEnvelope(
            event_id=event_id,
            type="order.expired",
            tenant_id=str(self.tenant_id),
            source="orders",
            aggregate_id="o-1",
            data_json=b'{"order_id": "o-1", "person": {"user_id": "u-1", "email": "maya@example.com"}}',
        )
        envelope.occur_time.GetCurrentTime()
        answer = await stub.IngestEvents(event_intake_service_pb2.IngestEventsRequest(events=[envelope]))
        assert answer.accepted_count == 1, answer.results
        await self.rows(
            "UPDATE campaign.inbound_event SET state = 5, attempts = 5, error = 'NotFound', due_at = NULL,"
            " finished_at = now() WHERE event_id = %s",
            event_id,
        )
        return event_id
