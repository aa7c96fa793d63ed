"""What benchmarks start from: a tenant that may market at any hour, contents, people, accounts, a campaign."""

import csv
from pathlib import Path
from uuid import UUID, uuid4

from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import (
    campaign_pb2,
    campaign_service_pb2,
    campaign_service_pb2_grpc,
    settings_service_pb2,
    settings_service_pb2_grpc,
    template_service_pb2,
    template_service_pb2_grpc,
)
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2, provider_service_pb2_grpc
from bench.stack import Stack
from cli.client import PersonChannels
from cli.importing.importer import import_contacts
from services.common.security.permissions import PLATFORM_ADMIN, SUPER_OWNER

SENDER = "news@bench.example"
ADDRESS = "silent+{}@example.com"
"""The emulators deliver to it, and nobody there opens anything."""

SUBJECT = "Spring, {{ contact.first_name }}"
TEXT = """Dear {{ contact.name }},

our spring list is here: https://shop.example/spring?list=2027
What is left of winter: https://shop.example/winter

"""
HTML = """<!doctype html><html><body><h1>Spring, {{ contact.first_name }}</h1>
<p>Dear {{ contact.name }}, our <a href="https://shop.example/spring?list=2027">spring list</a> is here,
and what is left of <a href="https://shop.example/winter">winter</a> goes for half.</p>
"""
_PARAGRAPH = (
    "<p>Linen from Flanders, wool from the Shetlands, and buttons that stay where they were sewn.</p>\n"
)
PARTS = {"subject": SUBJECT, "text": TEXT, "html": HTML + 8 * _PARAGRAPH + "</body></html>"}
"""The content that the product and the floor both render."""


async def tenant(stack: Stack) -> UUID:
    """Makes a tenant whose marketing may leave at any hour and to each person any number of times."""
    tenant_id = uuid4()
    async with stack.channels(None, PLATFORM_ADMIN) as admin:
        await admin.stub(settings_service_pb2_grpc.SettingsServiceStub, "campaign").CreateTenant(
            settings_service_pb2.CreateTenantRequest(
                tenant=settings_service_pb2.Tenant(
                    tenant_id=str(tenant_id),
                    name="Bench & Co",
                    currency_code="EUR",
                    region_code="DE",
                    default_time_zone="Europe/Berlin",
                    default_language_code="en",
                )
            )
        )
    async with stack.channels(tenant_id, SUPER_OWNER) as owner:
        stub = owner.stub(settings_service_pb2_grpc.SettingsServiceStub, "campaign")
        now = await stub.GetMarketingSettings(settings_service_pb2.GetMarketingSettingsRequest())
        wanted = settings_service_pb2.MarketingSettings(
            etag=now.settings.etag,
            marketing_enabled=True,
            enabled_channels=[enums_pb2.CHANNEL_EMAIL],
            email_from_address=SENDER,
            postal_address="1 Bench Lane, 20095 Hamburg",
            tracking_enabled=True,
            daily_message_limit_per_contact=1000,
            weekly_message_limit_per_contact=7000,
            send_window_start="00:00",
            send_window_end="00:00",
        )
        paths = [name.name for name, _ in wanted.ListFields() if name.name != "etag"]
        await stub.UpdateMarketingSettings(
            settings_service_pb2.UpdateMarketingSettingsRequest(
                settings=wanted, update_mask=FieldMask(paths=paths)
            )
        )
    return tenant_id


async def template(owner: PersonChannels, *, category: enums_pb2.Category, name: str = "") -> tuple[str, str]:
    """Makes an active template and returns its id and that of its version."""
    marketing = category >= enums_pb2.CATEGORY_OFFER
    kind = (
        template_service_pb2.TEMPLATE_TYPE_PROMOTIONAL
        if marketing
        else template_service_pb2.TEMPLATE_TYPE_TRANSACTIONAL
    )
    stub = owner.stub(template_service_pb2_grpc.TemplateServiceStub, "campaign")
    made = await stub.CreateTemplate(
        template_service_pb2.CreateTemplateRequest(
            template=template_service_pb2.Template(
                name=name or f"bench {uuid4().hex[:8]}",
                channel=enums_pb2.CHANNEL_EMAIL,
                template_type=kind,
                category=category,
            ),
            version=template_service_pb2.TemplateVersion(
                fallback_language_code="en",
                contents=[
                    template_service_pb2.TemplateContent(
                        language_code="en",
                        subject=PARTS["subject"],
                        body_text=PARTS["text"],
                        body_html=PARTS["html"],
                    )
                ],
            ),
        )
    )
    active = await stub.ActivateTemplateVersion(
        template_service_pb2.ActivateTemplateVersionRequest(
            template_id=made.template.template_id, version=made.version.version
        )
    )
    return made.template.template_id, active.version.template_version_id


async def people(owner: PersonChannels, count: int, folder: Path) -> None:
    """Imports contacts who agreed to marketing by e-mail."""
    path = folder / "people.csv"
    with path.open("w", newline="") as file:
        write = csv.writer(file).writerow
        write(
            (
                "external_id",
                "email",
                "first_name",
                "last_name",
                "consent_email",
                "consent_source",
                "consent_at",
            )
        )
        for number in range(count):
            given = ("yes", "bench", "2026-01-02T03:04:05Z")
            write((f"b-{number}", ADDRESS.format(number), f"Ada{number % 97}", f"Wolf{number % 89}", *given))
    report = await import_contacts(path, owner)
    if report.rejected:
        raise RuntimeError(f"{report.rejected} made-up people were refused")


async def account(
    owner: PersonChannels, provider: str, *, concurrency: int, config: dict[str, str | int], api_key: str = ""
) -> str:
    """Makes a provider account and returns its id."""
    made = provider_service_pb2.ProviderAccount(
        channel=enums_pb2.CHANNEL_EMAIL,
        provider=provider,
        name=f"bench {provider}",
        rate_per_second=10_000,
        max_concurrency=concurrency,
    )
    made.config.update(config)
    answer = await owner.stub(
        provider_service_pb2_grpc.ProviderServiceStub, "delivery"
    ).CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=made, credentials={"api_key": api_key} if api_key else {}
        )
    )
    return str(answer.provider_account.provider_account_id)


async def approved_campaign(stack: Stack, tenant_id: UUID, template_id: str) -> str:
    """Makes a campaign to everybody and has it approved by a second person; returns its id."""
    async with stack.channels(tenant_id, SUPER_OWNER, "author") as author:
        stub = author.stub(campaign_service_pb2_grpc.CampaignServiceStub, "campaign")
        made = await stub.CreateCampaign(
            campaign_service_pb2.CreateCampaignRequest(
                campaign=campaign_pb2.Campaign(
                    name=f"bench {uuid4().hex[:8]}",
                    channel=enums_pb2.CHANNEL_EMAIL,
                    template_id=template_id,
                    target_all_contacts=True,
                )
            )
        )
        campaign_id = str(made.campaign.campaign_id)
        await stub.SubmitCampaign(campaign_service_pb2.SubmitCampaignRequest(campaign_id=campaign_id))
    async with stack.channels(tenant_id, SUPER_OWNER, "approver") as approver:
        stub = approver.stub(campaign_service_pb2_grpc.CampaignServiceStub, "campaign")
        await stub.ApproveCampaign(campaign_service_pb2.ApproveCampaignRequest(campaign_id=campaign_id))
    return campaign_id
