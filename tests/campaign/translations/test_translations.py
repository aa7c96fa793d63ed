"""Translations: words by key, the tenant's before the platform's, each language falling back."""

from typing import Any

import pytest

from angarium.campaign.v1 import template_service_pb2 as template_pb
from angarium.campaign.v1 import translation_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.campaign.v1.translation_service_pb2_grpc import TranslationServiceStub
from services.campaign.translations.catalogue import words
from services.common.errors import ServiceError
from services.common.languages import LANGUAGES
from tests.campaign.templates.given import active_template, content, version
from tests.house import Served

HTML = '<p>{{ t("greeting.hello") }}, {{ product }}. {{ t("offer.line") }}</p>'


async def write(campaign: Served, *rows: tuple[str, str, str], key: str = "") -> Any:
    return await campaign.person(TranslationServiceStub).UpsertTranslations(
        pb.UpsertTranslationsRequest(
            translations=[
                pb.Translation(language_code=language, key=name, value=value)
                for language, name, value in rows
            ],
            idempotency_key=key,
        )
    )


async def listed(campaign: Served, **wanted: Any) -> list[tuple[str, str, str, bool]]:
    stub = campaign.person(TranslationServiceStub, "receptionist")
    found: list[tuple[str, str, str, bool]] = []
    token = ""
    while True:
        page = await stub.ListTranslations(
            pb.ListTranslationsRequest(page_size=3, page_token=token, **wanted)
        )
        found += [(one.key, one.language_code, one.value, one.is_system) for one in page.translations]
        token = page.next_page_token
        if not token:
            return found


@pytest.mark.req("CAM-12", "CAM-53")
async def test_a_tenants_words_stand_before_the_platforms_and_go_again(campaign: Served) -> None:
    before = await listed(campaign, key_prefix="greeting.hello")
    assert [one[1] for one in before] == sorted(LANGUAGES)
    assert all(one[3] for one in before)
    done = await write(campaign, ("de", "greeting.hello", "Moin"), ("de-AT", "greeting.hello", "Servus"))
    assert (done.created_count, done.changed_count) == (2, 0)
    after = await listed(campaign, key_prefix="greeting.hello")
    assert ("greeting.hello", "de", "Moin", False) in after
    assert ("greeting.hello", "de-at", "Servus", False) in after
    assert len(after) == len(LANGUAGES) + 1
    stub = campaign.person(TranslationServiceStub)
    gone = pb.DeleteTranslationRequest(language_code="de", key="greeting.hello")
    await stub.DeleteTranslation(gone)
    assert ("greeting.hello", "de", "Hallo", True) in await listed(campaign, language_code="de")
    with pytest.raises(ServiceError) as absent:
        await stub.DeleteTranslation(gone)
    assert absent.value.reason == "NOT_FOUND"


@pytest.mark.req("CAM-53")
async def test_words_are_written_all_or_none(campaign: Served) -> None:
    first = await write(campaign, ("en", "a.b", "One"), ("en", "a.c", "Two"), key="k")
    again = await write(campaign, ("en", "a.b", "One"), ("en", "a.c", "Two"), key="k")
    assert (first.created_count, again.created_count, again.deduplicated) == (2, 2, True)
    changed = await write(campaign, ("en", "a.b", "One"), ("en", "a.c", "Three"))
    assert (changed.created_count, changed.changed_count) == (0, 1)
    with pytest.raises(ServiceError) as twice:
        await write(campaign, ("en", "a.d", "x"), ("EN", "a.d", "y"), ("en", "a.e", "{{ name }}"))
    assert {one.field for one in twice.value.violations} == {
        "translations[1].key",
        "translations[2].value",
    }
    with pytest.raises(ServiceError) as shape:
        await write(campaign, ("en", "a..b", "x"))
    assert shape.value.reason == "VALIDATION_FAILED"
    assert [one[0] for one in await listed(campaign, key_prefix="a.")] == ["a.b", "a.c"]


@pytest.mark.req("CAM-144", "CAM-88", "CAM-53")
async def test_templates_show_the_words_of_each_language_and_keep_them(campaign: Served) -> None:
    await write(campaign, ("en", "offer.line", "Half & half"), ("de", "offer.line", "Zum halben Preis"))
    austrian = content("de-AT", body_html=HTML)
    made = await active_template(campaign, version=version(content(body_html=HTML), austrian))
    stub = campaign.person(TemplateServiceStub)

    async def shown(language: str) -> str:
        answer = await stub.PreviewTemplate(
            template_pb.PreviewTemplateRequest(template_id=made.template_id, language_code=language)
        )
        return str(answer.body_html)

    assert "Hello, tea. Half &amp; half" in await shown("en")
    assert "Hallo, tea. Zum halben Preis" in await shown("de-AT")
    await write(campaign, ("de", "offer.line", "Ausverkauft"))
    assert "Zum halben Preis" in await shown("de-AT")
    delivery = campaign.caller(TemplateServiceStub, "delivery")
    sent = await delivery.ResolveTemplate(
        template_pb.ResolveTemplateRequest(template_id=made.template_id, language_code="de-AT")
    )
    assert dict(sent.version.contents[0].translations) == {
        "greeting.hello": "Hallo",
        "offer.line": "Zum halben Preis",
    }


@pytest.mark.req("SEC-13")
async def test_only_who_manages_templates_writes_words(campaign: Served) -> None:
    stub = campaign.person(TranslationServiceStub, "receptionist")
    with pytest.raises(ServiceError) as denied:
        await stub.UpsertTranslations(
            pb.UpsertTranslationsRequest(
                translations=[pb.Translation(language_code="en", key="a", value="b")]
            )
        )
    assert denied.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("CAM-12")
def test_the_platform_speaks_every_language_alike() -> None:
    keys = {language: {key for one, key in words() if one == language} for language in LANGUAGES}
    assert all(found == keys["en"] for found in keys.values())
