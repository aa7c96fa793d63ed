"""From loaded messages to blocks a provider takes: language, variables, links, sender (DEL-72, DEL-89)."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from google.protobuf.struct_pb2 import ListValue, Struct, Value

from services.common import telemetry
from services.common.errors import ServiceError
from services.common.templating import CompiledContent, TemplateError
from services.delivery.dispatch import enclosures
from services.delivery.dispatch.enclosures import NOTHING, Enclosures
from services.delivery.dispatch.loading import Item, Stop
from services.delivery.dispatch.trails import PublicUrls, Tracking
from services.delivery.messages.domain import Category, MessageClass, Origin, State, class_of
from services.delivery.messages.media import Media
from services.delivery.providers.base import TokenKind
from services.delivery.providers.notice import excess, notice
from services.delivery.templates.cache import Template

log = structlog.get_logger("rendering")

MEDIA_UNAVAILABLE: Final = "media_unavailable"
PAUSE_EVERY: Final = 50
"""Messages rendered in one go; between two goes the critical lane gets its turn on the event loop."""

PAYLOAD_TOO_LARGE: Final = "payload_too_large"

_FAILED = telemetry.counter("render_errors_total", "Messages that could not be rendered.", ("reason_word",))


@dataclass(frozen=True, slots=True)
class Rendered:
    """Messages that share a compiled content, each with its slots."""

    content: CompiledContent
    language: str
    reply_to: str
    items: list[Item]
    enclosures: Enclosures = NOTHING


class Renderer:
    """Renders what was loaded."""

    def __init__(
        self,
        tracking: Tracking,
        urls: PublicUrls,
        default_zone: ZoneInfo,
        media: Media,
        *,
        allow_http: bool,
    ) -> None:
        self._media = media
        self._tracking = tracking
        self._urls = urls
        self._default_zone = default_zone
        self._allow_http = allow_http

    async def render(
        self, tenant_id: UUID, template: Template, items: Sequence[Item]
    ) -> tuple[list[Rendered], list[Stop]]:
        """Returns messages by language with their slots, and those that cannot be rendered."""
        grouped: defaultdict[tuple[str, str, str, bytes], list[Item]] = defaultdict(list)
        stops: list[Stop] = []
        languages: dict[str, str | None] = {}
        for item in items:
            if item.language not in languages:
                languages[item.language] = template.language_of(item.language)
            language = languages[item.language]
            if language is None:
                stops.append(_failed(item, "no_language"))
                continue
            item.language = language
            shared = item.content
            # Files and media belong to one content; without them several are one block.
            own = shared.content_id if shared.files or shared.media_urls else b""
            grouped[language, shared.subject_override, shared.reply_to, own].append(item)
        rendered = []
        for (language, subject, reply_to, _), members in grouped.items():
            try:
                content = await self._compiled(template, language, subject, members[0])
            except TemplateError as error:
                stops += [_failed(item, error.reason, str(error)) for item in members]
                continue
            try:
                enclosed = await enclosures.of(self._media, tenant_id, members[0].content)
            except ServiceError as error:
                stops += [
                    Stop(item, State.FAILED, MEDIA_UNAVAILABLE, error.reason.lower(), dead_letter=True)
                    for item in members
                ]
                continue
            good = await self._fill(tenant_id, template, content, members, stops)
            if good:
                rendered.append(Rendered(content, language, reply_to, good, enclosed))
        if stops:
            log.warning("messages could not be rendered", template=template.version.name, count=len(stops))
        return rendered, stops

    async def _compiled(
        self, template: Template, language: str, subject: str, example: Item
    ) -> CompiledContent:
        tracked = (
            example.content.category is not Category.ACCOUNT_SECURITY
            and not example.content.is_staff
            and self._tracking.is_tracked(template, is_test=example.content.origin is Origin.TEST)
        )
        is_digest = example.content.origin is Origin.DIGEST
        return await template.compiled(
            language,
            subject_override=subject,
            tracked=tracked,
            allow_http=self._allow_http,
            marketing=class_of(example.content.category) is MessageClass.MARKETING if is_digest else None,
        )

    async def _fill(
        self,
        tenant_id: UUID,
        template: Template,
        content: CompiledContent,
        items: Sequence[Item],
        stops: list[Stop],
    ) -> list[Item]:
        tracks = await self._tracking.begin(tenant_id, template, content, items[0].content.campaign_id)
        default_zone = _zone(template.sender.time_zone) or self._default_zone
        good = []
        for number, item in enumerate(items, 1):
            recipient = item.recipient
            variables = variables_of(item, template)
            zone = (_zone(recipient.time_zone) if recipient.time_zone else None) or default_zone
            trail = tracks.of(item.message_id, self._urls.unsubscribe(item.unsubscribe_token))
            try:
                item.slots = content.render_slots(variables, trail, zone)
            except TemplateError as error:
                stops.append(_failed(item, error.reason, str(error)))
            except Exception:
                # Whatever a value does to a template, the others of its block go.
                log.exception("a message broke its template", template=template.version.name)
                stops.append(_failed(item, TemplateError.reason))
            else:
                if item.devices and _is_too_large(item, content, template):
                    stops.append(_failed(item, PAYLOAD_TOO_LARGE))
                else:
                    good.append(item)
            if number % PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        await tracks.finish()
        return good


def _is_too_large(item: Item, content: CompiledContent, template: Template) -> bool:
    """Returns whether a push message is more than its devices take (DEL-97)."""
    shared = item.content
    shown = notice(
        content,
        item.slots,
        item.uuid,
        str(shared.campaign_id or ""),
        shared.category.name.lower(),
        template.version.name,
    )
    has_browser = any(device.kind is TokenKind.WEB_PUSH for device in item.devices)
    return excess(shown, has_browser=has_browser) > 0


def _failed(item: Item, reason: str, detail: str = "") -> Stop:
    _FAILED.labels(reason.lower()).inc()
    return Stop(item, State.FAILED, "template_render_failed", reason.lower(), dead_letter=True, detail=detail)


def variables_of(item: Item, template: Template) -> dict[str, Any]:
    """Returns the values a message is rendered with."""
    variables = values_of(item.recipient.variables)
    variables.setdefault("tenant", {"name": template.sender.tenant_name})
    if "contact" not in variables:
        variables["contact"] = _contact(item.recipient.name)
    return variables


def _contact(name: str) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    return {"name": name, "first_name": first, "last_name": last} if name else {}


@lru_cache(1024)
def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, ValueError):
        return None


def values_of(struct: Struct) -> dict[str, Any]:
    """Returns a Struct as Python values; a tenth of what the JSON mapping costs."""
    return {key: _value(value) for key, value in struct.fields.items()}


def _value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if kind == "struct_value":
        return values_of(value.struct_value)
    if kind == "list_value":
        return _list(value.list_value)
    if kind == "bool_value":
        return value.bool_value
    return None


def _list(values: ListValue) -> list[Any]:
    return [_value(value) for value in values.values]
