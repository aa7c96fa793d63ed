"""AMP documents of templates, from their authors to what delivery renders."""

import pytest

from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from services.common.errors import ServiceError
from tests.campaign.templates.given import active_template, content, template, variable, version
from tests.house import Served

AMP = """<!doctype html>
<html ⚡4email data-css-strict>
<head>
<meta charset="utf-8">
<script async src="https://cdn.ampproject.org/v0.js"></script>
<style amp4email-boilerplate>body{visibility:hidden}</style>
</head>
<body>
<p>{{ product }}</p>
</body>
</html>
"""


@pytest.mark.req("DEL-99", "CAM-11")
async def test_delivery_is_given_the_document_as_it_was_written(campaign: Served) -> None:
    active = await active_template(campaign, version=version(content(body_amp=AMP), content("de")))
    stub = campaign.person(TemplateServiceStub)
    read = await stub.GetTemplate(pb.GetTemplateRequest(template_id=active.template_id))
    assert [one.body_amp for one in read.version.contents] == ["", AMP]
    preview = await stub.PreviewTemplate(pb.PreviewTemplateRequest(template_id=active.template_id))
    assert "<p>tea</p>" in preview.body_amp
    assert "Unsubscribe" in preview.body_amp
    resolved = await campaign.caller(TemplateServiceStub, "delivery").ResolveTemplate(
        pb.ResolveTemplateRequest(template_version_id=active.active_version_id)
    )
    assert [one.body_amp for one in resolved.version.contents] == ["", AMP]


@pytest.mark.req("DEL-99", "CAM-92")
async def test_a_document_that_is_not_valid_is_refused_with_its_part_and_line(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    bad = version(content(body_amp=AMP.replace("<p>", '<p>\n<img src="https://x.example/a.png">')))
    with pytest.raises(ServiceError) as refused:
        await stub.CreateTemplate(pb.CreateTemplateRequest(template=template(), version=bad))
    assert refused.value.reason == "TEMPLATE_INVALID"
    (violation,) = refused.value.violations
    assert violation.field == "version.contents[0].body_amp"
    assert violation.description == "en, line 10: AMP for mail has no <img>"


@pytest.mark.req("DEL-99", "CAM-92")
@pytest.mark.parametrize(
    ("amp", "sample", "field", "told"),
    [
        (AMP, "x" * 200_000, ".body_amp", "larger than 200000 bytes"),
        (
            AMP.replace("<p>", '<p><a href="{{ product }}">x</a>'),
            "javascript:alert(1)",
            "",
            "not an https URL",
        ),
    ],
)
async def test_activation_refuses_a_document_that_its_samples_make_invalid(
    campaign: Served, amp: str, sample: str, field: str, told: str
) -> None:
    stub = campaign.person(TemplateServiceStub)
    texts = {"subject": "News", "body_html": "<p>News</p>", "body_amp": amp}
    drafted = version(content(**texts), variables=[variable("product", sample=sample)])
    made = await stub.CreateTemplate(pb.CreateTemplateRequest(template=template(), version=drafted))
    with pytest.raises(ServiceError) as refused:
        await stub.ActivateTemplateVersion(
            pb.ActivateTemplateVersionRequest(template_id=made.template.template_id, version=1)
        )
    assert refused.value.reason == "TEMPLATE_INVALID"
    (violation,) = refused.value.violations
    assert violation.field == f"version.contents[0]{field}"
    assert told in violation.description
