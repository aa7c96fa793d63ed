"""What benchmarks start from: the demo's tenant and its people, contents, contacts, accounts and a campaign."""

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2, template_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2
from bench.stack import Stack
from cli.demo.actors import Actor, Cast
from cli.demo.stage import Phase
from cli.demo.steps.plan import have_approved
from cli.demo.steps.tenant import DOMAIN, FROM, create_tenant
from cli.importing import import_contacts

__all__ = ["DOMAIN", "account", "approved_campaign", "contacts", "people", "template", "tenant"]

SENDER = FROM
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


@asynccontextmanager
async def tenant(stack: Stack) -> AsyncIterator[Cast]:
    """Yields the people of a new tenant whose marketing may leave at any hour."""
    cast = Cast(stack.settings, uuid4())
    try:
        await create_tenant(cast, Phase("tenant", "tenant"))
        yield cast
    finally:
        await cast.leave()


async def template(author: Actor, category: enums_pb2.Category) -> tuple[str, str]:
    """Makes an active template and returns its id and that of its version."""
    is_marketing = category >= enums_pb2.CATEGORY_OFFER
    kind = (
        template_service_pb2.TEMPLATE_TYPE_PROMOTIONAL
        if is_marketing
        else template_service_pb2.TEMPLATE_TYPE_TRANSACTIONAL
    )
    made = await author.templates.CreateTemplate(
        template_service_pb2.CreateTemplateRequest(
            template=template_service_pb2.Template(
                name=f"bench {uuid4().hex[:8]}",
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
    active = await author.templates.ActivateTemplateVersion(
        template_service_pb2.ActivateTemplateVersionRequest(
            template_id=made.template.template_id, version=made.version.version
        )
    )
    return made.template.template_id, active.version.template_version_id


async def contacts(author: Actor, count: int, folder: Path) -> None:
    """Imports people who agreed to marketing by e-mail."""
    path = folder / "people.csv"
    people(path, count)
    report = await import_contacts(path, author.channels)
    if report.rejected:
        raise RuntimeError(f"{report.rejected} made-up people were refused")


def people(path: Path, count: int) -> None:
    """Writes a file of people who agreed to marketing by e-mail."""
    header = (
        "external_id",
        "email",
        "first_name",
        "last_name",
        "consent_email",
        "consent_source",
        "consent_at",
    )
    consent = ("yes", "bench", "2026-01-02T03:04:05Z")
    with path.open("w", newline="") as file:
        write = csv.writer(file).writerow
        write(header)
        for number in range(count):
            name = (f"Ada{number % 97}", f"Wolf{number % 89}")
            write((f"b-{number}", ADDRESS.format(number), *name, *consent))


async def account(
    author: Actor, provider: str, config: dict[str, str | int], *, concurrency: int, api_key: str = ""
) -> None:
    """Makes a provider account."""
    made = provider_service_pb2.ProviderAccount(
        channel=enums_pb2.CHANNEL_EMAIL,
        provider=provider,
        name=f"bench {provider}",
        rate_per_second=10_000,
        max_concurrency=concurrency,
    )
    made.config.update(config)
    await author.providers.CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=made, credentials={"api_key": api_key} if api_key else {}
        )
    )


async def approved_campaign(cast: Cast, template_id: str) -> str:
    """Makes a campaign to everybody, has it approved by a second person, and returns its id."""
    made = await cast.ada.campaigns.CreateCampaign(
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
    await have_approved(cast, UUID(campaign_id), Phase("approval", "approval"))
    return campaign_id
