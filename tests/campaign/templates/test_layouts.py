"""Layouts, MJML and branding: one page of the tenant around what each author writes."""

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import settings_service_pb2
from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.common.v1 import enums_pb2
from services.common.errors import ServiceError
from tests.campaign.templates.given import active_template, content, template, version
from tests.house import Served

LAYOUT = """<html><head><style>#frame { color: #111 }</style></head><body>
{% block header %}<img src="{{ logo_url }}" alt="{{ tenant_name }}">{% endblock %}
{% block content %}<p>Nothing yet.</p>{% endblock %}
{% block footer %}<p style="color:{{ primary_color }}">{{ footer_text }}</p>{% endblock %}
</body></html>"""
PAGE = """{% extends "house" %}
{% block content %}
<p>Hello, {{ product }} is here.</p>
{% endblock %}"""
MJML = """<mjml><mj-head><mj-style>.a > b { color: red }</mj-style></mj-head><mj-body>
<mj-section><mj-column>
<mj-text>Hello, <b>{{ product }}</b> is here.</mj-text>
{% if product %}<mj-button href="https://example.com/shop?of={{ product }}">Look</mj-button>{% endif %}
</mj-column></mj-section></mj-body></mjml>"""
BRAND = {
    "logo_url": "https://example.com/logo.png",
    "primary_color": "#8a4b1f",
    "footer_text": "Roasted on Tuesdays",
    "postal_address": "Bazaar, Lindenallee 1, Berlin",
}


async def layout(campaign: Served, html: str = LAYOUT, name: str = "house") -> pb.Template:
    drafted = version(content(subject=name, body_html=html), variables=[])
    return await active_template(campaign, name, version=drafted, template_type=pb.TEMPLATE_TYPE_LAYOUT)


async def brand(campaign: Served) -> None:
    stub = campaign.person(SettingsServiceStub)
    read = await stub.GetMarketingSettings(settings_service_pb2.GetMarketingSettingsRequest())
    await stub.UpdateMarketingSettings(
        settings_service_pb2.UpdateMarketingSettingsRequest(
            settings=settings_service_pb2.MarketingSettings(**BRAND, etag=read.settings.etag),
            update_mask=FieldMask(paths=list(BRAND)),
        )
    )


async def shown(campaign: Served, made: pb.Template) -> pb.PreviewTemplateResponse:
    return await campaign.person(TemplateServiceStub).PreviewTemplate(
        pb.PreviewTemplateRequest(template_id=made.template_id)
    )


async def refused(campaign: Served, html: str, **changes: str) -> list[str]:
    stub = campaign.person(TemplateServiceStub)
    with pytest.raises(ServiceError) as error:
        await stub.CreateTemplate(
            pb.CreateTemplateRequest(template=template(), version=version(content(body_html=html, **changes)))
        )
    assert error.value.reason == "TEMPLATE_INVALID"
    return [f"{one.field} {one.description}" for one in error.value.violations]


@pytest.mark.req("CAM-11", "CAM-88", "CAM-92")
async def test_a_template_fills_the_blocks_of_its_tenants_layout(campaign: Served) -> None:
    await brand(campaign)
    await layout(campaign)
    made = await active_template(campaign, version=version(content(body_html=PAGE)))
    page = await shown(campaign, made)
    for words in ("logo.png", "Hello, tea is here.", "color:#8a4b1f", "Roasted on Tuesdays", "Lindenallee 1"):
        assert words in page.body_html
    assert "Nothing yet." not in page.body_html
    assert "Hello, tea is here." in page.body_text
    assert page.has_unsubscribe_link


@pytest.mark.req("CAM-10", "CAM-141")
async def test_an_active_version_keeps_the_layout_it_was_activated_with(campaign: Served) -> None:
    house = await layout(campaign)
    made = await active_template(campaign, version=version(content(body_html=PAGE)))
    stub = campaign.person(TemplateServiceStub)
    changed = LAYOUT.replace("<body>", "<body><h1>New house</h1>")
    await stub.UpdateTemplate(
        pb.UpdateTemplateRequest(
            template=pb.Template(template_id=house.template_id, etag=house.etag),
            version=version(content(subject="house", body_html=changed), variables=[]),
            update_mask=FieldMask(paths=["version"]),
        )
    )
    await stub.ActivateTemplateVersion(
        pb.ActivateTemplateVersionRequest(template_id=house.template_id, version=2)
    )
    assert "New house" not in (await shown(campaign, made)).body_html
    delivery = campaign.caller(TemplateServiceStub, "delivery")
    sent = await delivery.ResolveTemplate(pb.ResolveTemplateRequest(template_id=made.template_id))
    assert "New house" not in sent.version.contents[0].body_html
    assert "{% " not in sent.version.contents[0].body_html.replace("{% if", "")
    fresh = await active_template(campaign, "later", version=version(content(body_html=PAGE)))
    assert "New house" in (await shown(campaign, fresh)).body_html


@pytest.mark.req("CAM-112")
async def test_what_does_not_fit_a_layout_is_told_with_its_line(campaign: Served) -> None:
    await layout(campaign)
    strange = PAGE.replace("block content", "block middle")
    assert await refused(campaign, strange) == [
        "version.contents[0].body_html en, line 2: the layout has no block middle; it has content, footer, header"
    ]
    assert "there is no active layout none" in (await refused(campaign, PAGE.replace("house", "none")))[0]
    assert "line 4: outside of its blocks" in (await refused(campaign, f"{PAGE}\n<p>more</p>"))[0].replace(
        "line 5", "line 4"
    )
    assert "is not closed" in (await refused(campaign, PAGE.replace("{% endblock %}", "")))[0]
    assert "en, line 3: price is used but not declared" in " ".join(
        await refused(campaign, PAGE.replace("Hello", "{{ price }}"))
    )
    assert "is html" in (await refused(campaign, "", body_mjml=PAGE))[0]


async def test_a_layout_is_nobodys_to_send(campaign: Served) -> None:
    made = await layout(campaign)
    delivery = campaign.caller(TemplateServiceStub, "delivery")
    with pytest.raises(ServiceError) as absent:
        await delivery.ResolveTemplate(pb.ResolveTemplateRequest(template_id=made.template_id))
    assert absent.value.reason == "NOT_FOUND"


@pytest.mark.req("CAM-9", "CAM-52")
async def test_mail_of_the_platform_stands_in_the_tenants_layout(campaign: Served) -> None:
    delivery = campaign.caller(TemplateServiceStub, "delivery")
    wanted = pb.ResolveTemplateRequest(
        name="consent-confirmation", channel=enums_pb2.CHANNEL_EMAIL, language_code="de-AT"
    )

    async def page() -> str:
        (only,) = (await delivery.ResolveTemplate(wanted)).version.contents
        assert only.language_code == "de"
        return only.body_html

    assert 'class="card"' in await page()
    await layout(campaign, LAYOUT.replace("<body>", "<body><h1>Our house</h1>"), name="default")
    found = await page()
    assert "Our house" in found
    assert "{{ confirmation_url }}" in found
    # A layout without a place for it cannot keep the platform from speaking.
    await layout(campaign, LAYOUT.replace("content", "middle"), name="other")
    stub = campaign.person(TemplateServiceStub)
    listed = await stub.ListTemplates(pb.ListTemplatesRequest(template_type=pb.TEMPLATE_TYPE_LAYOUT))
    assert {one.name for one in listed.templates} >= {"default", "other"}


@pytest.mark.req("CAM-92")
async def test_mjml_becomes_html_that_mail_clients_show_and_text(campaign: Served) -> None:
    drafted = version(content(body_html="", body_mjml=MJML))
    made = await active_template(campaign, version=drafted)
    page = await shown(campaign, made)
    assert "<b>tea</b> is here." in page.body_html
    assert 'href="https://example.com/shop?of=tea"' in page.body_html
    assert "<mj-" not in page.body_html
    assert "fonts.googleapis" not in page.body_html
    assert "Look (https://example.com/shop?of=tea)" in page.body_text
    read = await campaign.person(TemplateServiceStub).GetTemplate(
        pb.GetTemplateRequest(template_id=made.template_id)
    )
    assert read.version.contents[0].body_mjml == MJML
    assert read.version.contents[0].body_html == ""


@pytest.mark.req("CAM-112")
@pytest.mark.parametrize(
    ("mjml", "told"),
    [
        ("<p>{{ product }}</p>", "MJML begins with <mjml>"),
        ("<mjml><mj-body><mj-text>{{ product }}</mj-body></mjml>", "no valid MJML"),
        (f"<mjml>\n<mj-body>{'<mj-section>' * 60}{{{{ product }}}}", "line 2: elements nested deeper"),
        ("<mjml>{{ product }}<mj-body></mj-body></mjml>", "no place for text"),
        (
            '<mjml><mj-body>\n<mj-include path="/etc/passwd" />{{ product }}</mj-body></mjml>',
            "line 2: mj-include",
        ),
        ("<mjml><mj-body><mj-text>{{ product }</mj-text></mj-body></mjml>", "line 1"),
        ("<mjml><mj-body><mj-raw>{{ product }}<script>x()</script></mj-raw></mj-body></mjml>", "script"),
    ],
)
async def test_mjml_that_cannot_be_read_is_refused(campaign: Served, mjml: str, told: str) -> None:
    (problem, *_) = await refused(campaign, "", body_mjml=mjml)
    assert problem.startswith("version.contents[0].body_mjml en")
    assert told in problem
