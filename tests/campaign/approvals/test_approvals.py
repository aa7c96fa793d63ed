"""Approval by WhatsApp: handed in, asked for every quarter of an hour, and needed by every campaign."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.campaign.v1 import campaign_service_pb2 as campaign_pb
from angarium.campaign.v1 import template_service_pb2 as template_pb
from angarium.campaign.v1 import whatsapp_template_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.campaign.v1.whatsapp_template_service_pb2_grpc import WhatsAppTemplateServiceStub
from angarium.common.v1 import enums_pb2
from services.campaign.approvals import wiring
from services.campaign.approvals.domain import (
    ALARMING,
    FOLLOWING,
    LONGEST_NAME,
    Approval,
    State,
    may_follow,
    may_submit,
    name_for,
    not_approved,
)
from services.campaign.blocks import messages, planning
from services.campaign.blocks.domain import Block, BlockState
from services.campaign.campaigns import store
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import WHATSAPP
from services.common.errors import ServiceError, failed
from services.common.jobs import JobCounts, JobRunner
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.templates.given import active_template, template, variable, version

ACCOUNT = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
TEXT = "Hello, {{ product }} is here: come and see."
NAME = "spring_v1"


def words(language: str = "en", text: str = TEXT, **changes: Any) -> template_pb.TemplateContent:
    return template_pb.TemplateContent(language_code=language, body_text=text, **changes)


async def made(stage: Stage, *contents: Any, variables: Any = None) -> template_pb.Template:
    return await active_template(
        stage.served,
        channel=enums_pb2.CHANNEL_WHATSAPP,
        category=enums_pb2.CATEGORY_OFFER,
        version=version(*(contents or (words(),)), variables=variables),
    )


async def hand_in(stage: Stage, template_id: str, **more: Any) -> pb.SubmitWhatsAppTemplateResponse:
    request = pb.SubmitWhatsAppTemplateRequest(template_id=template_id, provider_account_id=ACCOUNT, **more)
    return await stage.served.person(WhatsAppTemplateServiceStub).SubmitWhatsAppTemplate(request)


async def hear(stage: Stage, state: str, **more: Any) -> pb.RecordWhatsAppTemplateStatusResponse:
    gateway = stage.served.caller(
        WhatsAppTemplateServiceStub, "gateway", tenant_id=more.pop("tenant_id", stage.served.tenant_id)
    )
    request = pb.RecordWhatsAppTemplateStatusRequest(
        **{
            "provider_account_id": ACCOUNT,
            "whatsapp_template_name": NAME,
            "language_code": "en",
            "state": f"WHATS_APP_APPROVAL_STATE_{state}",
            **more,
        }
    )
    return await gateway.RecordWhatsAppTemplateStatus(request)


async def standing(stage: Stage, template_id: str) -> list[tuple[str, int, str]]:
    stub = stage.served.person(TemplateServiceStub)
    read = await stub.GetTemplate(template_pb.GetTemplateRequest(template_id=template_id))
    return [
        (one.language_code, one.state, one.reason)
        for content in read.version.contents
        for one in content.approvals
    ]


async def poll(stage: Stage) -> JobCounts:
    """Asks for what is pending, as the job does every quarter of an hour."""
    job = wiring.job(stage.channels, store.senders_by)
    assert job.period == timedelta(minutes=15)
    counts = await JobRunner(stage.database, [job], stage.clock).run_now(job.name)
    assert counts is not None
    return counts


@pytest.mark.req("CAM-49", "CAM-94", "JOB-23", "EVT-117")
async def test_what_is_pending_is_asked_for_and_what_was_stopped_is_told(stage: Stage) -> None:
    known = await made(stage)
    first = await hand_in(stage, known.template_id, idempotency_key="k")
    assert (first.approval.state, first.approval.whatsapp_template_name) == (int(State.PENDING), NAME)
    assert (await hand_in(stage, known.template_id, idempotency_key="k")).deduplicated
    (request,) = stage.delivery.shelf.handed_in
    assert (request.body, list(request.examples)) == (
        "Hello, {{1}} is here: come and see.",
        ["tea"],
    )
    counts = await poll(stage)
    assert (counts.seen, counts.done) == (1, 0)
    stage.delivery.shelf.decisions[NAME] = (int(State.REJECTED), "INCORRECT_CATEGORY")
    counts = await poll(stage)
    assert counts.done == 1
    assert await standing(stage, known.template_id) == [("en", int(State.REJECTED), "INCORRECT_CATEGORY")]
    events = await stage.outbox("template.whatsapp_status_changed")
    assert len(events) == 2
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        alerts = await uow.fetch_all("SELECT template_name, role FROM staff_alert")
    assert alerts == [("whatsapp-template-stopped", "super_owner")]
    again = await poll(stage)
    assert again.seen == 0


@pytest.mark.req("SEC-68", "CAM-94", "CAM-146")
async def test_a_campaign_sends_only_what_is_approved_in_every_language(stage: Stage) -> None:
    await stage.configure(enabled_channels=[enums_pb2.CHANNEL_WHATSAPP])
    await stage.contacts(3, phone="")
    known = await made(stage, words(), words("de", "Hallo, {{ product }} ist da: kommt vorbei."))
    draft = await stage.draft(
        channel=enums_pb2.CHANNEL_WHATSAPP,
        template_id=known.template_id,
        variables_json='{"product": "tea"}',
    )

    async def refused() -> dict[str, str]:
        with pytest.raises(ServiceError) as error:
            await stage.stub.SubmitCampaign(campaign_pb.SubmitCampaignRequest(campaign_id=draft.campaign_id))
        assert error.value.reason == "WHATSAPP_TEMPLATE_NOT_APPROVED"
        return dict(error.value.metadata)

    assert (await refused())["languages"] == "de,en"
    await hand_in(stage, known.template_id)
    await hand_in(stage, known.template_id, language_code="de")
    await hear(stage, "APPROVED")
    assert (await refused())["languages"] == "de"
    await hear(stage, "APPROVED", language_code="de")
    await stage.approve(draft.campaign_id)
    # What was approved when it was submitted may be stopped before it is launched.
    await hear(stage, "PAUSED")
    with pytest.raises(ServiceError) as paused:
        await stage.stub.SendCampaign(campaign_pb.SendCampaignRequest(campaign_id=draft.campaign_id))
    assert paused.value.reason == "WHATSAPP_TEMPLATE_NOT_APPROVED"
    (told,) = [
        envelope
        for envelope in await stage.outbox("template.whatsapp_status_changed")
        if draft.campaign_id.encode() in envelope.payload.value
    ]
    assert told.type == "template.whatsapp_status_changed"


@pytest.mark.req("CAM-50")
async def test_a_platforms_account_tells_of_templates_of_any_tenant(stage: Stage) -> None:
    known = await made(stage)
    await hand_in(stage, known.template_id)
    stranger = await hear(stage, "APPROVED", provider_account_id=str(uuid4()), tenant_id=None)
    assert (stranger.matched_count, stranger.changed_count) == (0, 0)
    done = await hear(stage, "APPROVED", tenant_id=None)
    assert (done.matched_count, done.changed_count) == (1, 1)
    # The same once more, and a word out of its place, change nothing.
    assert (await hear(stage, "APPROVED")).changed_count == 0
    assert (await hear(stage, "PENDING")).changed_count == 0
    other = await hear(
        stage,
        "DISABLED",
        provider_account_id=str(uuid4()),
        business_account="meta:1",
        whatsapp_template_id=f"id-{NAME}",
        whatsapp_template_name="",
    )
    assert other.changed_count == 1
    assert await standing(stage, known.template_id) == [("en", int(State.DISABLED), "")]


@pytest.mark.req("SEC-67", "CAM-49", "CAM-94")
async def test_what_whatsapp_would_not_take_is_refused_before_it_is_asked(stage: Stage) -> None:
    async def problem(text: str, **changes: Any) -> str:
        stub = stage.served.person(TemplateServiceStub)
        drafted = await stub.CreateTemplate(
            template_pb.CreateTemplateRequest(
                template=template(f"t{uuid4().hex}", channel=enums_pb2.CHANNEL_WHATSAPP),
                version=version(words(text=text, **changes), variables=[variable("product")]),
            )
        )
        with pytest.raises(ServiceError) as refused:
            await hand_in(stage, drafted.template.template_id)
        assert refused.value.reason == "TEMPLATE_INVALID"
        return " ".join(one.description for one in refused.value.violations)

    assert "begins or ends with a variable" in await problem("Buy {{ product }}")
    assert "plain variables" in await problem("Hi {{ contact.first_name }}, {{ product }} is here.")
    assert "longer than 1024" in await problem(f"{'long ' * 300}{{{{ product }}}} end")
    assert "has a place in the order and none in the text" in await problem(
        "Hi {{ product }} there.", variable_order=["product", "contact.first_name"]
    )
    assert not stage.delivery.shelf.handed_in
    mail = await active_template(stage.served)
    with pytest.raises(ServiceError) as channel:
        await hand_in(stage, mail.template_id)
    assert channel.value.reason == "TEMPLATE_CHANNEL_MISMATCH"


@pytest.mark.req("CAM-49")
async def test_what_was_handed_in_elsewhere_or_lost_on_the_way_is_looked_up(stage: Stage) -> None:
    known = await made(stage, words(whatsapp_template_name="their_own_name"))
    with pytest.raises(ServiceError) as absent:
        await hand_in(stage, known.template_id, is_known_to_provider=True)
    assert absent.value.reason == "NOT_FOUND"
    stage.delivery.shelf.decisions["their_own_name"] = (int(State.APPROVED), "")
    stage.delivery.shelf.error = ServiceError("TEMPLATE_INVALID", "it exists already")
    found = await hand_in(stage, known.template_id)
    assert found.approval.state == int(State.APPROVED)
    assert [one.state for one in found.content.approvals] == [int(State.APPROVED)]
    stage.delivery.shelf.error = failed("PROVIDER_ERROR", "the provider could not take the question")
    other = await active_template(
        stage.served,
        "other",
        channel=enums_pb2.CHANNEL_WHATSAPP,
        version=version(words()),
    )
    with pytest.raises(ServiceError) as away:
        await hand_in(stage, other.template_id)
    assert away.value.reason == "PROVIDER_ERROR"


def approval(language: str, state: State, business: str = "meta:1") -> Approval:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return Approval(UUID(int=1), language, business, UUID(int=2), "name", "", state, "", at, at)


@pytest.mark.req("CAM-94")
@given(st.lists(st.sampled_from(State), max_size=8))
def test_only_handing_in_leads_back_to_pending(heard: list[State]) -> None:
    now = State.PENDING
    for state in heard:
        now = state if may_follow(now, state) else now
        assert now is not State.PENDING or state is State.PENDING
    assert may_submit(None)
    assert {state for state in State if may_submit(state)} == {State.REJECTED}
    assert all(state not in FOLLOWING[state] for state in State)
    assert State.APPROVED not in ALARMING


@pytest.mark.req("CAM-94")
@given(st.text(max_size=150), st.integers(1, 9999))
def test_every_name_is_one_that_whatsapp_takes(name: str, number: int) -> None:
    made_of = name_for("", name, number)
    assert 1 <= len(made_of) <= LONGEST_NAME
    assert set(made_of) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
    assert made_of.endswith(f"_v{number}")


@pytest.mark.req("CAM-94")
def test_one_business_account_that_approved_is_enough() -> None:
    known = [approval("en", State.REJECTED), approval("en", State.APPROVED, "meta:2")]
    assert not_approved(["en", "de"], known) == ["de"]


@pytest.mark.req("CAM-96")
async def test_a_campaign_by_whatsapp_asks_for_the_text_of_the_same_name_in_its_place(stage: Stage) -> None:
    await stage.configure(enabled_channels=[enums_pb2.CHANNEL_WHATSAPP])
    await stage.contacts(2, phone="")
    known = await made(stage)
    await hand_in(stage, known.template_id)
    await hear(stage, "APPROVED")
    wanted = {
        "channel": enums_pb2.CHANNEL_WHATSAPP,
        "template_id": known.template_id,
        "variables_json": '{"product": "tea"}',
    }
    text = version(
        words(text="{{ product }} at {{ shop }}"), variables=[variable("product"), variable("shop")]
    )
    await active_template(
        stage.served, channel=enums_pb2.CHANNEL_SMS, category=enums_pb2.CATEGORY_OFFER, version=text
    )
    draft = await stage.draft(**wanted)
    with pytest.raises(ServiceError) as lacking:
        await stage.stub.SubmitCampaign(campaign_pb.SubmitCampaignRequest(campaign_id=draft.campaign_id))
    assert (lacking.value.reason, lacking.value.metadata["variables"]) == ("MISSING_VARIABLES", "shop")

    whole = {**wanted, "variables_json": '{"product": "tea", "shop": "Bazaar"}', "name": "Whole"}
    campaign = await stage.approved(**whole)
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        drafted = await store.by_id(uow, UUID(campaign.campaign_id))
        assert drafted is not None
        arm = await planning.arm_of(uow, drafted, drafted.arms[0])
    block = Block(uuid4(), 1, 0, 2, BlockState.JUDGED, 1, 0)
    request = messages.batch(
        messages.Plan(stage.served.tenant_id, drafted, stage.clock.now(), (arm,)), block, []
    )
    assert request.content.fallback_channel == enums_pb2.CHANNEL_SMS
    assert request.content.fallback_template == ""
    assert set(arm.shared.fields) == {"product", "shop"}


@pytest.mark.req("CAM-9", "CAM-49", "CAM-94", "EVT-84")
async def test_a_template_of_the_platform_is_approved_for_each_tenant_by_itself(stage: Stage) -> None:
    (wish,) = [
        one for one in catalogue().templates if (one.name, one.channel) == ("package-expiry", WHATSAPP)
    ]
    template_id, name = str(wish.template_id), "package_expiry_v1"
    answer = await hand_in(stage, template_id)
    assert answer.approval.whatsapp_template_name == name
    assert await standing(stage, template_id) == [("en", int(State.PENDING), "")]
    assert (await hear(stage, "APPROVED", whatsapp_template_name=name)).changed_count == 1
    delivery = stage.served.caller(TemplateServiceStub, "delivery")
    sent = await delivery.ResolveTemplate(
        template_pb.ResolveTemplateRequest(name="package-expiry", channel=enums_pb2.CHANNEL_WHATSAPP)
    )
    english = next(one for one in sent.version.contents if one.language_code == "en")
    assert [one.state for one in english.approvals] == [int(State.APPROVED)]
    assert list(english.variable_order) == [
        "tenant.name",
        "packageName",
        "formatDate(expiryDate)",
        "remaining",
    ]
    # What is stopped later is told to the owners, as of a template of their own.
    assert (await hear(stage, "PAUSED", whatsapp_template_name=name)).changed_count == 1
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        alerts = await uow.fetch_all("SELECT template_name FROM staff_alert")
    assert ("whatsapp-template-stopped",) in alerts


@pytest.mark.req("CAM-46", "CAM-94")
async def test_a_draft_that_is_deleted_takes_what_was_decided_of_it_along(stage: Stage) -> None:
    stub = stage.served.person(TemplateServiceStub)
    drafted = await stub.CreateTemplate(
        template_pb.CreateTemplateRequest(
            template=template("never", channel=enums_pb2.CHANNEL_WHATSAPP, category=enums_pb2.CATEGORY_OFFER),
            version=version(words()),
        )
    )
    await hand_in(stage, drafted.template.template_id, version=1)
    await stub.DeleteTemplate(template_pb.DeleteTemplateRequest(template_id=drafted.template.template_id))
    assert (await hear(stage, "APPROVED", whatsapp_template_name="never_v1")).matched_count == 0
