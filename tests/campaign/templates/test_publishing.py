"""What publishing refuses: told with language, part and line."""

from typing import Any
from uuid import uuid4

import pytest

from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import media_service_pb2 as media_pb
from services.common.errors import ServiceError
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.templates.given import content, template, variable, version
from tests.house import Served


async def activation(campaign: Served, drafted: pb.TemplateVersion, **changes: Any) -> list[str]:
    """Returns what stops the activation of a version; nothing when it is active now."""
    stub = campaign.person(TemplateServiceStub)
    made = await stub.CreateTemplate(
        pb.CreateTemplateRequest(template=template(f"t{uuid4().hex}", **changes), version=drafted)
    )
    try:
        await stub.ActivateTemplateVersion(
            pb.ActivateTemplateVersionRequest(template_id=made.template.template_id, version=1)
        )
    except ServiceError as error:
        return [f"{one.field} {one.description}" for one in error.violations] or [error.reason]
    return []


@pytest.mark.req("CAM-92", "CAM-112")
@pytest.mark.parametrize(
    ("html", "told"),
    [
        ('<p>{{ product }}</p>\n<a href="#">x</a>', "body_html en, line 2: a link: leads nowhere"),
        ('{{ product }}<a href="https://shop.invalid/a">x</a>', "shop.invalid is a placeholder"),
        ('{{ product }}<a href="https://www.yourdomain.com/">x</a>', "is a placeholder"),
        ('{{ product }}<a href="https://shop/">x</a>', "shop is no name of a host"),
        ('{{ product }}<a href="mailto:nobody">x</a>', "mailto:nobody is not complete"),
        ('{{ product }}<img src="https://pictures.test/a.png">', "a picture: pictures.test is a placeholder"),
        (f"<p>{{{{ product }}}}</p>{'<p>word word</p>' * 7000}", "larger than 102400 bytes"),
        (
            '<p>{{ product }}</p>\n<p>{{ t("offer.none") }}</p>',
            "line 2: there is no translation of offer.none",
        ),
    ],
)
async def test_what_would_not_work_in_a_mailbox_is_not_published(
    campaign: Served, html: str, told: str
) -> None:
    problems = await activation(campaign, version(content(body_html=html)))
    assert told in " ".join(problems)
    assert all(one.startswith("version.contents[0]") for one in problems)


@pytest.mark.req("CAM-92")
async def test_links_that_may_lead_somewhere_are_published(campaign: Served) -> None:
    html = (
        "<p id='top'>{{ product }}</p><a href='https://example.com/a?b=1#c'>a</a><a href='#top'>b</a>"
        "<a href='mailto:hello@example.com'>c</a><a href='tel:+49301234'>d</a>"
        "<a href='https://example.com/{{ product }}'>e</a><a href='{{ unsubscribe_url }}'>f</a>"
        "<img src='https://example.com/a.png' alt='a'>"
    )
    assert await activation(campaign, version(content(body_html=html))) == []


@pytest.mark.req("CAM-90", "CAM-139")
async def test_zero_false_and_empty_are_values_and_nothing_is_missing_of_them(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    text = "{{ product }}|{{ count }}|{% if is_new %}new{% else %}known{% endif %}"
    made = await stub.CreateTemplate(
        pb.CreateTemplateRequest(
            template=template(),
            version=version(
                content(subject="x", body_html="", body_text=text),
                variables=[variable("product"), variable("count", kind=2), variable("is_new")],
            ),
        )
    )
    request = pb.PreviewTemplateRequest(template_id=made.template.template_id)
    request.variables.update({"product": "", "count": 0, "is_new": False})
    shown = await stub.PreviewTemplate(request)
    assert shown.body_text.startswith("|0|known")
    assert not shown.missing_variables


@pytest.mark.req("CAM-91", "CAM-142", "CAM-143")
async def test_dates_and_amounts_speak_the_language_of_each_message(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    text = "{{ formatDate(at) }} {{ formatTime(at) }} {{ formatCurrency(price) }}"
    price = variable("price", sample=None, kind=pb.VARIABLE_TYPE_MONEY)
    price.sample_value.struct_value.update({"currency_code": "JPY", "amount": "1200"})
    variables = [variable("at", sample="2026-11-21T23:30:00Z", kind=pb.VARIABLE_TYPE_DATETIME), price]
    subjects = {"en": "In English", "de": "Auf Deutsch"}
    contents = [
        content(language, subject=words, body_html="", body_text=text) for language, words in subjects.items()
    ]
    made = await stub.CreateTemplate(
        pb.CreateTemplateRequest(template=template(), version=version(*contents, variables=variables))
    )

    async def shown(language: str) -> tuple[str, str]:
        answer = await stub.PreviewTemplate(
            pb.PreviewTemplateRequest(template_id=made.template.template_id, language_code=language)
        )
        return answer.subject, answer.body_text.split("\n")[0].replace("\u202f", " ").replace("\xa0", " ")

    # The tenant is in Berlin: half past midnight, the day after.
    assert await shown("de-AT") == ("Auf Deutsch", "22. November 2026 00:30 1.200 ¥")
    assert await shown("en") == ("In English", "November 22, 2026 12:30 AM ¥1,200")


def rich(**image: str) -> media_pb.RichContent:
    return media_pb.RichContent(
        images=[media_pb.RichImage(alt="Tea", **image)],
        buttons=[media_pb.RichButton(text="Look {{ now }}", url="https://example.com/look")],
    )


@pytest.mark.req("DEL-98", "CAM-11")
async def test_pictures_buttons_and_cards_stand_where_the_author_wants_them(stage: Stage) -> None:
    media_id = str(uuid4())
    stage.delivery.shelf.media[media_id] = "https://example.com/media/tea.png"
    html = "<p>{{ product }}</p>{{ rich_content }}<p>After</p>"
    drafted = version(content(body_html=html))
    drafted.contents[0].rich_content.CopyFrom(rich(media_id=media_id))
    stub = stage.served.person(TemplateServiceStub)
    made = await stub.CreateTemplate(pb.CreateTemplateRequest(template=template(), version=drafted))
    shown = await stub.PreviewTemplate(pb.PreviewTemplateRequest(template_id=made.template.template_id))
    before, _, after = shown.body_html.partition("media/tea.png")
    assert "<p>tea</p>" in before
    assert "After" in after
    assert "{{ now }}" in after.replace("&#123;", "{")
    read = await stub.GetTemplate(pb.GetTemplateRequest(template_id=made.template.template_id))
    assert read.version.contents[0].rich_content == drafted.contents[0].rich_content

    # Between writing and publishing the picture was removed.
    del stage.delivery.shelf.media[media_id]
    with pytest.raises(ServiceError) as broken:
        await stub.ActivateTemplateVersion(
            pb.ActivateTemplateVersionRequest(template_id=made.template.template_id, version=1)
        )
    assert broken.value.reason == "TEMPLATE_INVALID"
    assert broken.value.violations[0].field == "version.contents[0].rich_content"


@pytest.mark.req("DEL-98", "DEL-16")
async def test_pictures_of_a_text_message_travel_with_it(stage: Stage) -> None:
    media_id = str(uuid4())
    stage.delivery.shelf.media[media_id] = "https://example.com/media/tea.png"
    drafted = version(pb.TemplateContent(language_code="en", body_text="{{ product }}"))
    drafted.contents[0].rich_content.images.add(media_id=media_id, alt="Tea")
    stub = stage.served.person(TemplateServiceStub)
    channel = enums_pb2.CHANNEL_SMS
    made = await stub.CreateTemplate(
        pb.CreateTemplateRequest(template=template(channel=channel), version=drafted)
    )
    assert list(made.version.contents[0].media_urls) == ["https://example.com/media/tea.png"]
    drafted.contents[0].rich_content.images.add(url="http://example.com/plain.png", alt="x")
    with pytest.raises(ServiceError) as unsafe:
        await stub.CreateTemplate(
            pb.CreateTemplateRequest(template=template("second", channel=channel), version=drafted)
        )
    assert "en: must be https" in unsafe.value.violations[0].description
