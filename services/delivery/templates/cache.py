"""Template versions kept by their immutable id, and their contents compiled once per language."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.clock import Clock
from services.common.errors import ServiceError, not_found
from services.common.templating import CompiledContent, Options, choose_language, compile_content
from services.delivery.messages.domain import Channel, MessageClass, class_of
from services.delivery.templates.source import Sender, TemplateSource, TemplateVersion

SENDER_KEPT: Final = timedelta(seconds=60)
ACTIVE_KEPT: Final = timedelta(seconds=10)
MAX_KEPT: Final = 1000
_CHANNEL_WORDS: Final = {1: "email", 2: "sms", 3: "whatsapp", 4: "push", 5: "in_app", 6: "webhook"}


@dataclass(slots=True)
class _Kept:
    version: TemplateVersion
    sender: Sender
    sender_until: datetime
    version_until: datetime
    compiled: dict[tuple[object, ...], CompiledContent] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """A version with its tenant's sender profile, ready to be compiled."""

    version: TemplateVersion
    sender: Sender
    _compiled: dict[tuple[object, ...], CompiledContent]

    def language_of(self, wanted: str) -> str | None:
        """Returns the language a recipient gets, by GEN-23; None when the version has none for them."""
        return choose_language(
            wanted or None, tuple(self.version.contents), self.sender.language, self.version.fallback_language
        )

    async def compiled(
        self,
        language: str,
        *,
        subject_override: str = "",
        tracked: bool = False,
        allow_http: bool = False,
        marketing: bool | None = None,
    ) -> CompiledContent:
        """Returns the content of a language, compiled off the event loop at its first use.

        `marketing` None means what the template is for; a digest is what its messages are.
        """
        if marketing is None:
            marketing = class_of(self.version.category) is MessageClass.MARKETING
        branding = {
            "tenant_name": self.sender.tenant_name,
            "postal_address": self.sender.postal_address,
            "footer_text": self.sender.footer_text,
            "logo_url": self.sender.logo_url,
            "primary_color": self.sender.primary_color,
        }
        key = (language, subject_override, tracked, marketing, self.sender.amp_enabled, *branding.values())
        found = self._compiled.get(key)
        if found is None:
            source = self.version.contents[language]
            if subject_override:
                source = replace(source, subject=subject_override)
            if not self.sender.amp_enabled:
                source = replace(source, amp=None)
            options = Options(
                channel=_CHANNEL_WORDS[self.version.channel],
                language=language,
                marketing=marketing,
                track_links=tracked,
                pixel=tracked,
                shorten_links=self.version.shorten_links,
                branding=branding,
                translations=self.version.translations.get(language, {}),
                allow_http=allow_http,
            )
            found = await asyncio.to_thread(compile_content, source, self.version.variables, options)
            if len(self._compiled) > 100:
                self._compiled.clear()
            self._compiled[key] = found
        return found


class TemplateCache:
    """Versions of all tenants; a version is asked for once an hour at most, a sender profile once a minute."""

    def __init__(self, source: TemplateSource, clock: Clock, kept_seconds: int = 3600) -> None:
        self._source = source
        self._clock = clock
        self._kept_for = timedelta(seconds=kept_seconds)
        self._kept: OrderedDict[tuple[UUID, UUID], _Kept] = OrderedDict()
        self._asking: dict[tuple[UUID, UUID], asyncio.Future[Template]] = {}
        self._active: dict[tuple[UUID, str | UUID, Channel], tuple[UUID | None, datetime]] = {}

    async def get(self, tenant_id: UUID, version_id: UUID) -> Template:
        """Returns a version of a tenant; NOT_FOUND when there is none, an unreachable source raises."""
        key = (tenant_id, version_id)
        kept = self._kept.get(key)
        now = self._clock.now()
        if kept is not None and now < kept.sender_until and now < kept.version_until:
            self._kept.move_to_end(key)
            return Template(kept.version, kept.sender, kept.compiled)
        if (asked := self._asking.get(key)) is not None:
            return await asyncio.shield(asked)
        future: asyncio.Future[Template] = asyncio.get_running_loop().create_future()
        self._asking[key] = future
        try:
            future.set_result(await self._ask(key, kept, now))
        except BaseException as error:
            future.set_exception(error)
            future.exception()
            raise
        finally:
            del self._asking[key]
        return future.result()

    async def active(self, tenant_id: UUID, named: str | UUID, channel: Channel) -> UUID:
        """Returns the version that is active now, or was within ten seconds, of a template by its name or id.

        NOT_FOUND when there is none; that is remembered as long.
        """
        key = (tenant_id, named, channel)
        now = self._clock.now()
        known = self._active.get(key)
        if known is None or now >= known[1]:
            known = (await self._ask_active(tenant_id, named, channel), now + ACTIVE_KEPT)
            if len(self._active) >= MAX_KEPT:
                self._active.clear()
            self._active[key] = known
        if known[0] is None:
            raise not_found("template", named)
        return known[0]

    async def _ask_active(self, tenant_id: UUID, named: str | UUID, channel: Channel) -> UUID | None:
        try:
            if isinstance(named, UUID):
                return await self._source.active_of(tenant_id, named)
            return await self._source.active(tenant_id, named, channel)
        except ServiceError as error:
            if error.reason != "NOT_FOUND":
                raise
            return None

    async def _ask(self, key: tuple[UUID, UUID], kept: _Kept | None, now: datetime) -> Template:
        version, sender = await self._source.resolve(*key)
        compiled = kept.compiled if kept is not None else {}
        self._kept[key] = _Kept(version, sender, now + SENDER_KEPT, now + self._kept_for, compiled)
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return Template(version, sender, compiled)
