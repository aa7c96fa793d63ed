"""Templates of the platform: in every language, safe to send, never changed once published, shadowed by a tenant's own."""

import hashlib
import tomllib
from pathlib import Path
from uuid import UUID

import pytest

from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.common.v1 import enums_pb2
from services.campaign.templates import examining
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.composing import Materials
from services.campaign.templates.domain import TemplateType
from services.campaign.templates.dressing import FOLDER
from services.campaign.tenants.domain import MarketingSettings, Tenant, TenantState
from services.campaign.translations.catalogue import words
from services.common.errors import ServiceError
from services.common.languages import LANGUAGES
from tests.campaign.templates.given import active_template, content, variable, version
from tests.house import Served

NAME = "consent-confirmation"
PUBLISHED = Path(__file__).with_name("published.toml")
LAYOUTS = [one for one in catalogue().templates if one.template_type is TemplateType.LAYOUT]

SENT = [
    version
    for version in catalogue().versions
    if version.template_id not in {one.template_id for one in LAYOUTS}
]


@pytest.mark.req("CAM-10")
def test_what_was_published_is_never_changed() -> None:
    """Text that changes goes into a file with the next number, and its line is added to the list."""
    files = (path for path in FOLDER.rglob("*") if path.is_file())
    found = {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in files
    }
    assert found == tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))


@pytest.mark.req("EVT-84", "EVT-86", "GEN-23", "CAM-92")
@pytest.mark.parametrize("one", SENT, ids=lambda one: str(one.version_id))
def test_every_template_speaks_every_language_and_renders_with_its_samples(one: object) -> None:
    known = catalogue()
    found = known.version(one.version_id)  # type: ignore[attr-defined]
    assert found is not None
    template = known.by_id(found.template_id)
    assert template is not None
    assert {"en"} <= {content.language_code for content in found.contents} <= set(LANGUAGES)
    tenant = Tenant(UUID(int=1), "Bazaar", "EUR", "DE", "Europe/Berlin", "en", TenantState.ACTIVE)
    default = known.layout("default")
    assert default is not None
    materials = Materials({"default": default}, words(), "en")
    checked = examining.activatable(template, found, materials, (tenant, MarketingSettings()), is_real=True)
    assert checked.used == found.used
    assert checked.spam_score < 5
    assert all("tenant.name" in part.html + part.text for part in checked.contents)


@pytest.mark.req("CAM-52", "CAM-9", "EVT-84")
async def test_a_name_means_the_platforms_template_until_the_tenant_has_its_own(campaign: Served) -> None:
    delivery = campaign.caller(TemplateServiceStub, "delivery")
    asked = pb.ResolveTemplateRequest(name=NAME, channel=enums_pb2.CHANNEL_EMAIL)
    shared = await delivery.ResolveTemplate(asked)
    assert shared.template.is_system
    assert shared.sender.tenant_name == "Bazaar"
    assert {one.language_code for one in shared.version.contents} == set(LANGUAGES)
    by_id = pb.ResolveTemplateRequest(template_version_id=shared.version.template_version_id)
    assert (await delivery.ResolveTemplate(by_id)).version == shared.version
    own = await active_template(
        campaign,
        NAME,
        template_type=pb.TEMPLATE_TYPE_TRANSACTIONAL,
        category=enums_pb2.CATEGORY_ACCOUNT,
        version=version(
            content(subject="Ours", body_html="<p><a href='{{ confirmation_url }}'>Yes</a></p>"),
            variables=[variable("confirmation_url", kind=6, sample="https://example.com/c")],
        ),
    )
    shadowed = await delivery.ResolveTemplate(asked)
    assert shadowed.template.template_id == own.template_id
    by_template = pb.ResolveTemplateRequest(template_id=own.template_id)
    assert (await delivery.ResolveTemplate(by_template)).version == shadowed.version
    # What was accepted with the platform's is still rendered with it.
    assert (await delivery.ResolveTemplate(by_id)).version == shared.version


@pytest.mark.req("CAM-9", "CAM-48")
async def test_the_platforms_templates_can_be_seen_and_not_changed(campaign: Served) -> None:
    stub = campaign.person(TemplateServiceStub)
    listed = await stub.ListTemplates(pb.ListTemplatesRequest(channel=enums_pb2.CHANNEL_EMAIL))
    (shared,) = [one for one in listed.templates if one.name == NAME]
    assert all(one.is_system for one in listed.templates)
    read = await stub.GetTemplate(pb.GetTemplateRequest(template_id=shared.template_id))
    assert read.version.template_version_id == shared.active_version_id
    shown = await stub.PreviewTemplate(
        pb.PreviewTemplateRequest(template_id=shared.template_id, language_code="de")
    )
    assert "Bazaar" in shown.subject
    assert "https://example.com/consent/confirm/sample" in shown.body_html
    assert not shown.missing_variables
    changes = pb.UpdateTemplateRequest(
        template=pb.Template(template_id=shared.template_id, description="mine", etag=shared.etag)
    )
    changes.update_mask.paths.append("description")
    for call in (
        stub.UpdateTemplate(changes),
        stub.DeleteTemplate(pb.DeleteTemplateRequest(template_id=shared.template_id)),
        stub.ActivateTemplateVersion(
            pb.ActivateTemplateVersionRequest(template_id=shared.template_id, version=1)
        ),
    ):
        with pytest.raises(ServiceError) as refused:
            await call
        assert refused.value.reason == "SYSTEM_OBJECT_READ_ONLY"
