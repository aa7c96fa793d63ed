"""The examples that come with the product: folders that are published as they stand."""

from pathlib import Path

import pytest

from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from cli.authoring import folder
from tests.house import Served

EXAMPLES = Path(__file__).parents[3] / "examples" / "templates"


@pytest.mark.req("CAM-92")
async def test_every_example_is_published_and_calm_in_every_language(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    for path in sorted(EXAMPLES.iterdir()):
        template, version = folder.read(path)
        made = await stub.CreateTemplate(pb.CreateTemplateRequest(template=template, version=version))
        done = await stub.ActivateTemplateVersion(
            pb.ActivateTemplateVersionRequest(template_id=made.template.template_id, version=1)
        )
        assert done.version.spam_score <= 5
        for content in version.contents:
            shown = await stub.PreviewTemplate(
                pb.PreviewTemplateRequest(
                    template_id=made.template.template_id, language_code=content.language_code
                )
            )
            assert shown.language_code == content.language_code
            assert not shown.missing_variables
            assert "{{" not in shown.body_text + shown.body_html
