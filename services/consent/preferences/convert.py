"""Links between the contract and the domain."""

from angarium.consent.v1 import preference_service_pb2 as pb
from services.consent.policy.domain import TenantPolicy
from services.consent.preferences.links import Link
from services.consent.words import CHANNEL, TOKEN_PURPOSE


def resolved(
    purpose: str, link: Link, policy: TenantPolicy, *, hint: str, language: str, is_unsubscribed: bool
) -> pb.ResolveTokenResponse:
    """Returns what a page needs to know of a link."""
    branding = policy.branding
    return pb.ResolveTokenResponse(
        purpose=TOKEN_PURPOSE.number(purpose),  # type: ignore[arg-type]
        masked_address=hint,
        channel=CHANNEL.number(link.channel),  # type: ignore[arg-type]
        tenant_name=policy.name,
        language_code=language,
        is_unsubscribed=is_unsubscribed,
        branding=pb.Branding(
            logo_url=branding.logo_url,
            primary_color=branding.primary_color,
            footer_text=branding.footer_text,
        ),
    )
