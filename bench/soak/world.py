"""What a soak starts from: a tenant with people, letters, an account at the sandbox, and links to visit."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import settings_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import provider_service_pb2
from bench import given
from bench.load import Metadata
from bench.p8_door import links
from bench.quiet import events_settled
from bench.stack import Stack
from cli.demo.actors import Cast
from cli.demo.sandbox import SandboxClient

_KEY = "SG.soak"
_DAILY, _WEEKLY = 1_000, 7_000
"""The most that may be sent to one person: campaign follows campaign, and none shall be refused for another."""


@dataclass(frozen=True, slots=True)
class World:
    """A tenant that is ready to send."""

    stack: Stack
    cast: Cast
    sandbox: SandboxClient
    channel: grpc.aio.Channel
    """To delivery, as a caller of its own has one."""
    template_id: str
    version_id: str
    contacts: int
    paths: list[str]
    """Pixels and links of messages that were sent."""

    def metadata(self) -> Metadata:
        """Returns the credential of a person who may send."""
        return (("authorization", self.cast.ada.channels.credential()),)

    def content(self) -> pb.MessageContent:
        """Returns what single messages and blocks say."""
        return pb.MessageContent(
            channel=enums_pb2.CHANNEL_EMAIL,
            category=enums_pb2.CATEGORY_ORDER,
            template_version_id=self.version_id,
        )


async def build(
    stack: Stack,
    cast: Cast,
    sandbox: SandboxClient,
    channel: grpc.aio.Channel,
    *,
    contacts: int,
    visited: int,
) -> World:
    """Makes everything; nothing is under way when it returns."""
    await _lift_caps(cast)
    await _account(stack, cast, sandbox)
    template_id, _ = await given.template(cast.ada, enums_pb2.CATEGORY_OFFER)
    with tempfile.TemporaryDirectory() as folder:
        await given.contacts(cast.ada, contacts, Path(folder))
    version_id, paths = await links(stack, cast, visited)
    await events_settled(stack)
    return World(stack, cast, sandbox, channel, template_id, version_id, contacts, paths)


async def _lift_caps(cast: Cast) -> None:
    found = await cast.ada.settings.GetMarketingSettings(settings_service_pb2.GetMarketingSettingsRequest())
    changed = settings_service_pb2.MarketingSettings(
        etag=found.settings.etag,
        daily_message_limit_per_contact=_DAILY,
        weekly_message_limit_per_contact=_WEEKLY,
    )
    paths = ["daily_message_limit_per_contact", "weekly_message_limit_per_contact"]
    await cast.ada.settings.UpdateMarketingSettings(
        settings_service_pb2.UpdateMarketingSettingsRequest(
            settings=changed, update_mask=FieldMask(paths=paths), idempotency_key=uuid4().hex
        )
    )


async def _account(stack: Stack, cast: Cast, sandbox: SandboxClient) -> None:
    """Makes an account at the emulator, which tells the gateway of every delivery by signed webhooks."""
    known = await sandbox.settings()
    made = provider_service_pb2.ProviderAccount(
        channel=enums_pb2.CHANNEL_EMAIL,
        provider="sendgrid",
        name="soak",
        rate_per_second=10_000,
        max_concurrency=10,
    )
    made.config.update(
        {
            "base_url": stack.sandbox_url,
            "from_address": given.SENDER,
            "verification_key": known["public_key"],
        }
    )
    answer = await cast.ada.providers.CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=made, credentials={"api_key": _KEY}
        )
    )
    await sandbox.settings(
        {
            "gateway_url": stack.installation.gateway_url,
            "webhook_url": stack.installation.gateway_url + answer.provider_account.webhook_path,
            "api_key": _KEY,
        }
    )
