"""A business that sends: its settings, its staff, its accounts at providers."""

from dataclasses import dataclass

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import Struct

from angarium.campaign.v1 import contact_pb2, contact_service_pb2, settings_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2
from cli.demo.actors import Cast, patiently
from cli.demo.sandbox import SandboxClient
from cli.demo.stage import Phase
from cli.demo.steps.stack import Stack
from cli.embedded.ports import HOST
from cli.output import CommandError

NAME = "Kestrel Coffee"
DOMAIN = "kestrel.example"
FROM = f"letters@{DOMAIN}"
# Staff whose mail the sandbox delivers to the mailbox and nothing more.
ADAS_ADDRESS = "silent+ada@example.org"
BENS_ADDRESS = "silent+ben@example.org"
_API_KEY = "SG.demo-key-of-the-sandbox"
NUMBER = "+15815550199"
_ACCOUNT_SID, _AUTH_TOKEN = "AC" + "0" * 32, "demo-token-of-the-sandbox"


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts at the sandbox's providers."""

    sendgrid_id: str
    smtp_id: str
    webhook_url: str


async def create_tenant(cast: Cast, phase: Phase) -> None:
    """Creates the tenant, its marketing settings and two people of its staff."""
    await patiently(
        cast.operator.settings.CreateTenant,
        settings_service_pb2.CreateTenantRequest(
            tenant=settings_service_pb2.Tenant(
                tenant_id=str(cast.tenant_id),
                name=NAME,
                currency_code="EUR",
                region_code="DE",
                default_time_zone="Europe/Berlin",
                default_language_code="en",
            ),
            idempotency_key="demo-tenant",
        ),
    )
    await _write_settings(cast)
    for staff_id, name, role, address in (
        ("ada", "Ada Lindqvist", "super_owner", ADAS_ADDRESS),
        ("ben", "Ben Okafor", "regional_manager", BENS_ADDRESS),
    ):
        member = contact_pb2.StaffMember(
            staff_id=staff_id,
            name=name,
            roles=[role],
            email=address,
            is_email_verified=True,
            language_code="en",
        )
        await patiently(
            cast.ada.contacts.UpsertStaffMember,
            contact_service_pb2.UpsertStaffMemberRequest(
                staff_member=member, idempotency_key=f"demo-staff-{staff_id}"
            ),
        )
    phase.result = f"{NAME}, {cast.tenant_id}"


async def _write_settings(cast: Cast) -> None:
    found = await patiently(
        cast.ada.settings.GetMarketingSettings, settings_service_pb2.GetMarketingSettingsRequest()
    )
    settings = settings_service_pb2.MarketingSettings(
        etag=found.settings.etag,
        marketing_enabled=True,
        enabled_channels=[enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS],
        email_from_address=FROM,
        email_from_name=NAME,
        postal_address=f"{NAME}\n1 Harbour Row\n20457 Hamburg",
        # A window that ends where it starts is none: the demo runs at any hour, wherever its people live.
        send_window_start="00:00",
        send_window_end="00:00",
        double_opt_in_channels=[],
        campaign_approval_required=True,
        campaign_approval_threshold_recipients=2,
        allow_self_approval=False,
        tracking_enabled=True,
    )
    paths = [name for name in settings.DESCRIPTOR.fields_by_name if name in _CHANGED]
    await patiently(
        cast.ada.settings.UpdateMarketingSettings,
        settings_service_pb2.UpdateMarketingSettingsRequest(
            settings=settings, update_mask=FieldMask(paths=paths), idempotency_key="demo-settings"
        ),
    )


_CHANGED = frozenset(
    {
        "marketing_enabled",
        "enabled_channels",
        "email_from_address",
        "email_from_name",
        "postal_address",
        "send_window_start",
        "send_window_end",
        "double_opt_in_channels",
        "campaign_approval_required",
        "campaign_approval_threshold_recipients",
        "allow_self_approval",
        "tracking_enabled",
    }
)


async def create_accounts(cast: Cast, stack: Stack, sandbox: SandboxClient, phase: Phase) -> Accounts:
    """Creates accounts at the emulators, has them verified, and tells the sandbox where its webhooks go."""
    known = await sandbox.settings()
    sendgrid = await _create(
        cast,
        provider_service_pb2.ProviderAccount(
            channel=enums_pb2.CHANNEL_EMAIL,
            provider="sendgrid",
            name="SendGrid (sandbox)",
            config=_struct(
                base_url=sandbox.url,
                from_address=FROM,
                from_name=NAME,
                verification_key=known["public_key"],
                email_activity=True,
            ),
            priority=10,
            message_classes=[enums_pb2.MESSAGE_CLASS_MARKETING],
            rate_per_second=1000,
        ),
        {"api_key": _API_KEY},
    )
    smtp = await _create(
        cast,
        provider_service_pb2.ProviderAccount(
            channel=enums_pb2.CHANNEL_EMAIL,
            provider="smtp",
            name="SMTP relay (sandbox)",
            config=_struct(
                host=HOST,
                port=stack.port("sandbox-smtp"),
                security="none",
                from_address=FROM,
                from_name=NAME,
                return_path_domain=f"bounces.{DOMAIN}",
            ),
            priority=20,
            message_classes=[enums_pb2.MESSAGE_CLASS_TRANSACTIONAL, enums_pb2.MESSAGE_CLASS_SYSTEM],
            rate_per_second=1000,
        ),
        {},
    )
    twilio = await _create(
        cast,
        provider_service_pb2.ProviderAccount(
            channel=enums_pb2.CHANNEL_SMS,
            provider="twilio",
            name="Twilio (sandbox)",
            config=_struct(account_sid=_ACCOUNT_SID, base_url=sandbox.url, **{"from": NUMBER}),
            rate_per_second=1000,
        ),
        {"auth_token": _AUTH_TOKEN},
    )
    for account in (sendgrid, smtp, twilio):
        await _verify(cast, account)
    webhook_url = stack.installation.gateway_url + sendgrid.webhook_path
    await sandbox.settings(
        {
            "gateway_url": stack.installation.gateway_url,
            "webhook_url": webhook_url,
            "api_key": _API_KEY,
            "bounce_smtp": f"{HOST}:{stack.port('gateway-bounces')}",
        }
    )
    phase.result = "SendGrid, SMTP and Twilio, all of the sandbox"
    return Accounts(sendgrid.provider_account_id, smtp.provider_account_id, webhook_url)


async def _create(
    cast: Cast, account: provider_service_pb2.ProviderAccount, credentials: dict[str, str]
) -> provider_service_pb2.ProviderAccount:
    answer: provider_service_pb2.CreateProviderAccountResponse = await patiently(
        cast.ada.providers.CreateProviderAccount,
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=account, credentials=credentials, idempotency_key=f"demo-{account.provider}"
        ),
    )
    return answer.provider_account


async def _verify(cast: Cast, account: provider_service_pb2.ProviderAccount) -> None:
    answer = await patiently(
        cast.ada.providers.VerifyProviderAccount,
        provider_service_pb2.VerifyProviderAccountRequest(provider_account_id=account.provider_account_id),
    )
    if not answer.is_ok:
        raise CommandError(f"{account.name} refuses the account: {answer.detail}")


def _struct(**values: str | int | bool) -> Struct:
    struct = Struct()
    struct.update(values)
    return struct
