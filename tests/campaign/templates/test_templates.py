"""Templates from draft to what delivery renders."""

from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import Struct

from angarium.campaign.v1 import contact_pb2, contact_service_pb2, settings_service_pb2
from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.common.v1 import enums_pb2
from services.common.errors import ServiceError
from services.common.security.jwt import issue_person
from tests.campaign.templates.given import active_template, content, template, variable, version
from tests.house import Served

SMS_CHANNEL = enums_pb2.CHANNEL_SMS


async def create(
    campaign: Served, drafted: pb.TemplateVersion, **changes: object
) -> pb.CreateTemplateResponse:
    stub = campaign.person(TemplateServiceStub)
    return await stub.CreateTemplate(pb.CreateTemplateRequest(template=template(**changes), version=drafted))


async def refusal(campaign: Served, drafted: pb.TemplateVersion, **changes: object) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        await create(campaign, drafted, **changes)
    return refused.value


@pytest.mark.req("CAM-9", "CAM-10", "CAM-11", "CAM-42", "CAM-43")
async def test_a_template_keeps_what_its_author_wrote_in_each_language(campaign: Served) -> None:
    made = await create(campaign, version(content(), content("de", subject="Neues von {{ product }}")))
    stub = campaign.person(TemplateServiceStub, "receptionist")
    read = await stub.GetTemplate(pb.GetTemplateRequest(template_id=made.template.template_id))
    assert read.version.state == pb.TemplateVersion.STATE_DRAFT
    assert [one.language_code for one in read.version.contents] == ["de", "en"]
    assert read.version.contents[0].subject == "Neues von {{ product }}"
    assert read.version.variables[0].sample_value.string_value == "tea"
    assert (read.template.active_version, read.template.is_system) == (0, False)


@pytest.mark.req("SEC-103", "CAM-43")
async def test_a_name_is_taken_once_per_channel(campaign: Served) -> None:
    await create(campaign, version())
    assert (await refusal(campaign, version())).reason == "ALREADY_EXISTS"
    text = version(pb.TemplateContent(language_code="en", body_text="{{ product }}"))
    await create(campaign, text, channel=SMS_CHANNEL)


@pytest.mark.req("CAM-90", "CAM-112")
async def test_what_is_used_must_be_declared_and_the_other_way_round(campaign: Served) -> None:
    stray = version(content(subject="{{ product }} {{ price }} {{ contact.email }}"))
    error = await refusal(campaign, stray)
    assert error.reason == "TEMPLATE_INVALID"
    told = " ".join(violation.description for violation in error.violations)
    assert "price is used" in told
    assert "contact.email is used" in told
    idle = await refusal(campaign, version(variables=[variable("product"), variable("colour")]))
    assert "colour is declared but not used" in idle.violations[0].description


@pytest.mark.req("CAM-88", "CAM-112")
@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>{{ product</p>", "body_html"),
        ("<p>{{ product }}</p><script>alert(1)</script>", "script"),
        ("<p onclick='x()'>{{ product }}</p>", "onclick"),
        ("<form><input></form>{{ product }}", "form"),
        ("{% include 'x' %}{{ product }}", "body_html"),
        ("{{ product.__class__ }}", "body_html"),
    ],
)
async def test_content_that_cannot_be_parsed_or_is_unsafe_is_refused(
    campaign: Served, html: str, found: str
) -> None:
    error = await refusal(campaign, version(content(body_html=html)))
    assert error.reason == "TEMPLATE_INVALID"
    assert found in " ".join(f"{one.field} {one.description}" for one in error.violations)


@pytest.mark.req("GEN-42")
async def test_a_category_fits_what_the_template_is_for(campaign: Served) -> None:
    error = await refusal(campaign, version(), category=enums_pb2.CATEGORY_TICKET)
    assert error.violations[0].field == "template.category"


@pytest.mark.req("CAM-44", "CAM-45", "CAM-92")
async def test_new_content_is_a_new_version_and_only_one_is_active(campaign: Served) -> None:
    first = await active_template(campaign)
    stub = campaign.person(TemplateServiceStub)
    changed = await stub.UpdateTemplate(
        pb.UpdateTemplateRequest(
            template=pb.Template(template_id=first.template_id, etag=first.etag),
            version=version(content(subject="More {{ product }}")),
            update_mask=FieldMask(paths=["version"]),
        )
    )
    assert (changed.version.version, changed.template.active_version) == (2, 1)
    await stub.ActivateTemplateVersion(
        pb.ActivateTemplateVersionRequest(template_id=first.template_id, version=2)
    )
    states = []
    for number in (1, 2):
        read = await stub.GetTemplate(pb.GetTemplateRequest(template_id=first.template_id, version=number))
        states.append(read.version.state)
    assert states == [pb.TemplateVersion.STATE_ARCHIVED, pb.TemplateVersion.STATE_ACTIVE]
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM outbox WHERE type = 'template.activated'") == 2


async def test_a_stale_etag_is_refused(campaign: Served) -> None:
    first = await active_template(campaign)
    stub = campaign.person(TemplateServiceStub)
    with pytest.raises(ServiceError) as refused:
        await stub.UpdateTemplate(
            pb.UpdateTemplateRequest(
                template=pb.Template(template_id=first.template_id, etag="1", description="x"),
                update_mask=FieldMask(paths=["description"]),
            )
        )
    assert refused.value.reason == "VERSION_CONFLICT"


@pytest.mark.req("CAM-92")
async def test_activation_needs_every_language_whole_and_samples_that_render(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)

    async def activation(drafted: pb.TemplateVersion, name: str) -> ServiceError:
        made = await create(campaign, drafted, name=name)
        with pytest.raises(ServiceError) as refused:
            await stub.ActivateTemplateVersion(
                pb.ActivateTemplateVersionRequest(template_id=made.template.template_id, version=1)
            )
        return refused.value

    half = pb.TemplateContent(language_code="de", subject="{{ product }}", body_text="{{ product }}")
    lacking = await activation(version(content(), half), "half")
    assert (lacking.reason, lacking.violations[0].field) == (
        "TEMPLATE_INVALID",
        "version.contents[0].body_html",
    )
    silent = await activation(version(variables=[variable("product", sample=None)]), "silent")
    assert (silent.reason, silent.metadata["variables"]) == ("MISSING_VARIABLES", "product")
    broken = content(body_html="<a href='{{ product }}'>x</a>")
    url = await activation(version(broken, variables=[variable("product", kind=pb.VARIABLE_TYPE_URL)]), "url")
    assert url.reason == "TEMPLATE_INVALID"


@pytest.mark.req("CAM-46", "GEN-33")
async def test_a_draft_is_deleted_and_what_was_active_is_archived(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    draft = (await create(campaign, version(), name="draft")).template
    used = await active_template(campaign, "used")
    for one in (draft, used):
        await stub.DeleteTemplate(pb.DeleteTemplateRequest(template_id=one.template_id))
        with pytest.raises(ServiceError):
            await stub.GetTemplate(pb.GetTemplateRequest(template_id=one.template_id))
    delivery = campaign.caller(TemplateServiceStub, "delivery")
    kept = await delivery.ResolveTemplate(
        pb.ResolveTemplateRequest(template_version_id=used.active_version_id)
    )
    assert kept.template.name == "used"
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM template_version") == 1


@pytest.mark.req("CAM-52", "SEC-50")
async def test_delivery_gets_the_version_whole_with_its_sender_and_no_draft(campaign: Served) -> None:
    used = await active_template(campaign)
    draft = await create(campaign, version(), name="draft")
    delivery = campaign.caller(TemplateServiceStub, "delivery")
    by_name = await delivery.ResolveTemplate(
        pb.ResolveTemplateRequest(name="spring", channel=enums_pb2.CHANNEL_EMAIL)
    )
    assert by_name.version.template_version_id == used.active_version_id
    assert by_name.sender.tenant_name == "Bazaar"
    assert by_name.sender.sms_fallback_enabled
    assert {one.name for one in by_name.version.variables} == {"product", "contact", "tenant"}
    with pytest.raises(ServiceError) as refused:
        await delivery.ResolveTemplate(
            pb.ResolveTemplateRequest(template_version_id=draft.version.template_version_id)
        )
    assert refused.value.reason == "NOT_FOUND"
    with pytest.raises(ServiceError) as foreign:
        await campaign.caller(TemplateServiceStub, "delivery", tenant_id=uuid4()).ResolveTemplate(
            pb.ResolveTemplateRequest(template_version_id=used.active_version_id)
        )
    assert foreign.value.reason == "NOT_FOUND"


@pytest.mark.req("DEL-89")
async def test_a_version_says_whether_its_texts_show_short_links(campaign: Served) -> None:
    asked = version()
    asked.shorten_links = True
    made = await create(campaign, asked, name="short")
    assert made.version.shorten_links
    plain = await create(campaign, version(), name="plain")
    assert not plain.version.shorten_links


@pytest.mark.req("CAM-48", "CAM-92")
async def test_a_preview_shows_what_a_recipient_would_see(campaign: Served) -> None:
    used = await active_template(campaign)
    stub = campaign.person(TemplateServiceStub)
    values = Struct()
    values.update({"product": "Earl <Grey>"})
    shown = await stub.PreviewTemplate(
        pb.PreviewTemplateRequest(template_id=used.template_id, variables=values)
    )
    assert shown.subject == "News of Earl <Grey>"
    assert "Hello Ada, Earl &lt;Grey&gt; is here." in shown.body_html
    assert "Hello Ada, Earl <Grey> is here." in shown.body_text
    assert "https://example.com/shop" in shown.body_text
    assert shown.has_unsubscribe_link
    assert list(shown.used_variables) == ["contact.first_name", "product"]


@pytest.mark.req("CAM-48")
async def test_a_preview_uses_a_contact_only_for_who_may_see_contacts(campaign: Served) -> None:
    used = await active_template(campaign)
    contacts = campaign.person(ContactServiceStub)
    one = await contacts.UpsertContact(
        contact_service_pb2.UpsertContactRequest(contact=contact_pb2.Contact(last_name="Byron"))
    )
    request = pb.PreviewTemplateRequest(template_id=used.template_id, contact_id=one.contact.contact_id)
    shown = await campaign.person(TemplateServiceStub).PreviewTemplate(request)
    assert "Hello friend, tea" in shown.body_html
    elsewhere = issue_person(campaign.settings, campaign.tenant_id, "bea", ["branch_manager"], [str(uuid4())])
    with pytest.raises(ServiceError) as refused:
        await campaign._stub(TemplateServiceStub, elsewhere, None).PreviewTemplate(request)
    assert refused.value.reason == "NOT_FOUND"


@pytest.mark.req("CAM-93")
async def test_a_text_message_shows_its_segments(campaign: Served) -> None:
    text = version(pb.TemplateContent(language_code="en", body_text="{{ product }} " + "a" * 160))
    used = await active_template(campaign, channel=SMS_CHANNEL, version=text)
    shown = await campaign.person(TemplateServiceStub).PreviewTemplate(
        pb.PreviewTemplateRequest(template_id=used.template_id)
    )
    assert (shown.sms_segments, shown.character_count) == (2, 164)


@pytest.mark.req("CAM-51", "CAM-95")
async def test_content_is_scored_by_the_one_table(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    found = await stub.CheckSpamScore(
        pb.CheckSpamScoreRequest(
            channel=enums_pb2.CHANNEL_EMAIL, subject="re: you are a WINNER", body_text="free cash"
        )
    )
    assert not found.is_passed
    assert {"high_risk_word", "medium_risk_word", "low_risk_word", "fake_reply"} <= set(found.flags)


@pytest.mark.req("CAM-42")
async def test_templates_are_listed_newest_first_in_pages(campaign: Served) -> None:
    for name in ("a", "b", "c"):
        await create(campaign, version(), name=name)
    await active_template(campaign, "d")
    stub = campaign.person(TemplateServiceStub, "receptionist")
    first = await stub.ListTemplates(pb.ListTemplatesRequest(page_size=3))
    rest = await stub.ListTemplates(pb.ListTemplatesRequest(page_size=3, page_token=first.next_page_token))
    listed = [*first.templates, *rest.templates]
    assert [one.name for one in listed if not one.is_system] == ["d", "c", "b", "a"]
    # Those of the platform follow those of the tenant.
    assert [one.is_system for one in listed] == [False] * 4 + [True] * 2
    active = await stub.ListTemplates(pb.ListTemplatesRequest(active_only=True))
    assert [one.name for one in active.templates if not one.is_system] == ["d"]


async def test_a_repeat_with_the_same_key_makes_nothing_new(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    request = pb.CreateTemplateRequest(template=template(), version=version(), idempotency_key="k1")
    first = await stub.CreateTemplate(request)
    again = await stub.CreateTemplate(request)
    assert again.deduplicated
    assert again.template == first.template


async def test_the_footer_names_the_sender(campaign: Served) -> None:
    settings = campaign.person(SettingsServiceStub)
    read = await settings.GetMarketingSettings(settings_service_pb2.GetMarketingSettingsRequest())
    await settings.UpdateMarketingSettings(
        settings_service_pb2.UpdateMarketingSettingsRequest(
            settings=settings_service_pb2.MarketingSettings(
                postal_address="Bazaar, Lindenallee 1, Berlin", etag=read.settings.etag
            ),
            update_mask=FieldMask(paths=["postal_address"]),
        )
    )
    used = await active_template(campaign)
    shown = await campaign.person(TemplateServiceStub).PreviewTemplate(
        pb.PreviewTemplateRequest(template_id=used.template_id)
    )
    assert "Lindenallee 1" in shown.body_html
