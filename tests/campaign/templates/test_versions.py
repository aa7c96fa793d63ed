"""Versions: their history, the way back, and the languages of drafts."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.common.v1 import enums_pb2
from services.common.errors import REASONS, ServiceError
from tests.campaign.templates.given import active_template, content, template, variable, version
from tests.house import Served

STATES = pb.TemplateVersion
GERMAN = content("de", subject="Neues von {{ product }}", body_html="<p>Hallo, {{ product }} ist da.</p>")


async def next_version(campaign: Served, known: pb.Template, subject: str) -> pb.Template:
    stub = campaign.person(TemplateServiceStub)
    read = await stub.GetTemplate(pb.GetTemplateRequest(template_id=known.template_id))
    changed = await stub.UpdateTemplate(
        pb.UpdateTemplateRequest(
            template=pb.Template(template_id=known.template_id, etag=read.template.etag),
            version=version(content(subject=subject)),
            update_mask=FieldMask(paths=["version"]),
        )
    )
    return changed.template


async def subject_sent(campaign: Served, template_id: str) -> str:
    delivery = campaign.caller(TemplateServiceStub, "delivery")
    found = await delivery.ResolveTemplate(pb.ResolveTemplateRequest(template_id=template_id))
    return str(found.version.contents[0].subject)


@pytest.mark.req("CAM-45", "CAM-54", "EVT-117")
async def test_a_template_goes_back_to_a_version_it_had_and_keeps_its_history(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    made = await active_template(campaign)
    await next_version(campaign, made, "Worse {{ product }}")

    async def activate(number: int) -> pb.TemplateVersion:
        answer = await stub.ActivateTemplateVersion(
            pb.ActivateTemplateVersionRequest(template_id=made.template_id, version=number)
        )
        return answer.version

    await activate(2)
    assert await subject_sent(campaign, made.template_id) == "Worse {{ product }}"
    back = await activate(1)
    assert (back.version, back.state) == (1, STATES.STATE_ACTIVE)
    assert await subject_sent(campaign, made.template_id) == "News of {{ product }}"
    await next_version(campaign, made, "Better {{ product }}")

    request = pb.ListTemplateVersionsRequest(template_id=made.template_id, page_size=2)
    first = await stub.ListTemplateVersions(request)
    assert [(one.version, one.state) for one in first.versions] == [
        (3, STATES.STATE_DRAFT),
        (2, STATES.STATE_ARCHIVED),
    ]
    assert [one.language_code for one in first.versions[0].contents] == ["en"]
    assert first.versions[0].contents[0].subject == ""
    request.page_token = first.next_page_token
    last = await stub.ListTemplateVersions(request)
    assert [(one.version, one.state) for one in last.versions] == [(1, STATES.STATE_ACTIVE)]
    assert not last.next_page_token
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM outbox WHERE type = 'template.activated'") == 3


@pytest.mark.req("CAM-45")
async def test_a_deactivated_template_sends_nothing_until_it_is_active_again(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    made = await active_template(campaign)
    request = pb.DeactivateTemplateRequest(template_id=made.template_id, idempotency_key="off")
    done = await stub.DeactivateTemplate(request)
    assert (done.template.active_version, done.deduplicated) == (0, False)
    assert (await stub.DeactivateTemplate(request)).deduplicated
    with pytest.raises(ServiceError) as absent:
        await subject_sent(campaign, made.template_id)
    assert absent.value.reason == "NOT_FOUND"
    await stub.ActivateTemplateVersion(
        pb.ActivateTemplateVersionRequest(template_id=made.template_id, version=1)
    )
    assert await subject_sent(campaign, made.template_id) == "News of {{ product }}"


@pytest.mark.req("CAM-117", "SEC-117")
async def test_what_the_platform_wrote_stays_as_it_is(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    listed = await stub.ListTemplates(pb.ListTemplatesRequest(channel=enums_pb2.CHANNEL_EMAIL))
    shared = next(one for one in listed.templates if one.name == "digest")
    history = await stub.ListTemplateVersions(pb.ListTemplateVersionsRequest(template_id=shared.template_id))
    assert [one.version for one in history.versions] == [1]
    calls: list[Any] = [
        stub.DeactivateTemplate(pb.DeactivateTemplateRequest(template_id=shared.template_id)),
        stub.DeleteTemplate(pb.DeleteTemplateRequest(template_id=shared.template_id)),
        stub.ActivateTemplateVersion(
            pb.ActivateTemplateVersionRequest(template_id=shared.template_id, version=1)
        ),
        stub.DeleteTemplateLocalization(
            pb.DeleteTemplateLocalizationRequest(
                template_id=shared.template_id, version=1, language_code="de", etag="1"
            )
        ),
    ]
    for call in calls:
        with pytest.raises(ServiceError) as refused:
            await call
        assert refused.value.reason == "SYSTEM_OBJECT_READ_ONLY"


@pytest.mark.req("CAM-47", "CAM-138")
async def test_a_draft_gains_changes_and_loses_languages(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    made = await stub.CreateTemplate(pb.CreateTemplateRequest(template=template(), version=version()))
    place = {"template_id": made.template.template_id, "version": 1}
    request = pb.CreateTemplateLocalizationRequest(
        **place, content=GERMAN, etag=made.template.etag, idempotency_key="de"
    )
    added = await stub.CreateTemplateLocalization(request)
    assert [one.language_code for one in added.version.contents] == ["en", "de"]
    again = await stub.CreateTemplateLocalization(request)
    assert again.deduplicated
    assert again.template.etag == added.template.etag
    with pytest.raises(ServiceError) as known:
        await stub.CreateTemplateLocalization(
            pb.CreateTemplateLocalizationRequest(**place, content=GERMAN, etag=added.template.etag)
        )
    assert known.value.reason == "ALREADY_EXISTS"

    wording = pb.TemplateContent(language_code="de", subject="Anderes von {{ product }}", body_html="ignored")
    changed = await stub.UpdateTemplateLocalization(
        pb.UpdateTemplateLocalizationRequest(
            **place, content=wording, update_mask=FieldMask(paths=["subject"]), etag=added.template.etag
        )
    )
    (german,) = [one for one in changed.version.contents if one.language_code == "de"]
    assert german.subject == "Anderes von {{ product }}"
    assert german.body_html == GERMAN.body_html
    with pytest.raises(ServiceError) as stale:
        await stub.UpdateTemplateLocalization(
            pb.UpdateTemplateLocalizationRequest(
                **place, content=wording, update_mask=FieldMask(paths=["subject"]), etag=added.template.etag
            )
        )
    assert stale.value.reason == "VERSION_CONFLICT"
    with pytest.raises(ServiceError) as fallback:
        await stub.DeleteTemplateLocalization(
            pb.DeleteTemplateLocalizationRequest(**place, language_code="en", etag=changed.template.etag)
        )
    assert "fallback language and stays" in fallback.value.violations[0].description
    left = await stub.DeleteTemplateLocalization(
        pb.DeleteTemplateLocalizationRequest(**place, language_code="de", etag=changed.template.etag)
    )
    assert [one.language_code for one in left.version.contents] == ["en"]


@pytest.mark.req("CAM-47", "CAM-10")
async def test_a_version_that_was_active_takes_no_more_languages(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    made = await active_template(campaign)
    with pytest.raises(ServiceError) as fixed:
        await stub.CreateTemplateLocalization(
            pb.CreateTemplateLocalizationRequest(
                template_id=made.template_id, version=1, content=GERMAN, etag=made.etag
            )
        )
    assert fixed.value.reason == "TEMPLATE_INVALID"
    stray = content("de", body_html="<p>{{ price }}</p>")
    draft = await next_version(campaign, made, "More of {{ product }}")
    with pytest.raises(ServiceError) as wrong:
        await stub.CreateTemplateLocalization(
            pb.CreateTemplateLocalizationRequest(
                template_id=made.template_id, version=2, content=stray, etag=draft.etag
            )
        )
    assert "de, line 1: price is used but not declared" in wrong.value.violations[0].description


@pytest.mark.req("SEC-115", "SEC-116", "SEC-117")
async def test_refusals_carry_their_numbers(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    silent = version(variables=[variable("product", sample=None)])
    made = await stub.CreateTemplate(pb.CreateTemplateRequest(template=template(), version=silent))
    listed = await stub.ListTemplates(pb.ListTemplatesRequest())
    shared = next(one for one in listed.templates if one.is_system)
    calls: dict[str, Any] = {
        "MARKETING_074": stub.CreateTemplate(
            pb.CreateTemplateRequest(
                template=template("broken"), version=version(content(body_html="{{ nobody }}"))
            )
        ),
        "MARKETING_075": stub.ActivateTemplateVersion(
            pb.ActivateTemplateVersionRequest(template_id=made.template.template_id, version=1)
        ),
        "MARKETING_076": stub.DeleteTemplate(pb.DeleteTemplateRequest(template_id=shared.template_id)),
    }
    for code, call in calls.items():
        with pytest.raises(ServiceError) as refused:
            await call
        assert REASONS[refused.value.reason].code == code


@pytest.mark.req("CAM-42")
async def test_templates_are_found_by_language_and_by_what_whatsapp_decided(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    await active_template(campaign, "both", version=version(content(), GERMAN))
    await active_template(campaign, "english")

    async def named(**wanted: Any) -> list[str]:
        found = await stub.ListTemplates(pb.ListTemplatesRequest(active_only=True, **wanted))
        return [one.name for one in found.templates if not one.is_system]

    assert await named(language_code="de") == ["both"]
    assert await named(language_code="en") == ["english", "both"]
    assert await named(language_code="fr") == []
    assert await named(whatsapp_approval_state=enums_pb2.WHATS_APP_APPROVAL_STATE_PENDING) == []


@pytest.mark.req("CAM-48", "CAM-93")
async def test_a_source_is_previewed_before_it_is_saved(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub, "receptionist")
    source = pb.PreviewSource(
        template=template(
            "",
            channel=enums_pb2.CHANNEL_SMS,
            template_type=pb.TEMPLATE_TYPE_TRANSACTIONAL,
            category=enums_pb2.CATEGORY_ORDER,
        ),
        version=pb.TemplateVersion(
            contents=[pb.TemplateContent(language_code="en", body_text="{{ product }} for 5 €")],
            variables=[variable("product", sample="tea")],
        ),
    )
    shown = await stub.PreviewTemplate(pb.PreviewTemplateRequest(source=source))
    assert (shown.body_text, shown.character_count) == ("tea for 5 €", 11)
    assert (shown.encoding, shown.sms_units, shown.sms_segments) == (pb.TEXT_ENCODING_GSM7, 12, 1)
    source.version.variables[0].sample_value.string_value = "茶" * 70
    long = await stub.PreviewTemplate(pb.PreviewTemplateRequest(source=source))
    assert (long.encoding, long.sms_segments) == (pb.TEXT_ENCODING_UCS2, 2)
    with pytest.raises(ServiceError) as neither:
        await stub.PreviewTemplate(pb.PreviewTemplateRequest())
    assert neither.value.reason == "VALIDATION_FAILED"
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM template") == 0


@pytest.mark.req("CAM-51", "CAM-133")
async def test_every_language_is_scored_and_a_missing_template_is_an_error(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    loud = content("de", subject="GRATIS!!!!!! $$$ viagra", body_html="<p>{{ product }} free cash prize</p>")
    made = await stub.CreateTemplate(
        pb.CreateTemplateRequest(template=template(), version=version(content(), loud))
    )
    assert made.version.spam_score > 5
    found = await stub.CheckSpamScore(pb.CheckSpamScoreRequest(template_id=made.template.template_id))
    assert (found.language_code, found.is_passed) == ("de", False)
    assert {"high_risk_word", "money_symbols", "excessive_exclamation"} <= set(found.flags)
    with pytest.raises(ServiceError) as missing:
        await stub.CheckSpamScore(
            pb.CheckSpamScoreRequest(template_id="0192f0c1-2a3b-7c4d-8e5f-60718293a4b5")
        )
    assert missing.value.reason == "NOT_FOUND"
