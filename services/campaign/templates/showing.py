"""Use cases of showing contents: previewed, judged for spam, and resolved as renderers get them."""

from uuid import UUID

from angarium.campaign.v1 import template_service_pb2 as pb
from services.campaign.templates import convert, handlers, previewing, resolving
from services.campaign.templates.domain import SMS
from services.campaign.templates.rendering import implicit_variables
from services.campaign.templates.workshop import Workshop
from services.campaign.tenants import handlers as tenants
from services.common.errors import denied, failed
from services.common.ids import uuid7
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import permitted
from services.common.templating.sms import count_sms
from services.common.templating.spam import score_spam

_ENCODINGS = {"GSM-7": pb.TEXT_ENCODING_GSM7, "UCS-2": pb.TEXT_ENCODING_UCS2}


class Showing:
    """Contents as recipients and renderers get them."""

    def __init__(self, workshop: Workshop, *, previews: bool = True) -> None:
        self._workshop = workshop
        self._database = workshop.database
        self._previews = previews

    async def preview(self, request: pb.PreviewTemplateRequest) -> pb.PreviewTemplateResponse:
        """Renders a version, or a source, as sending does."""
        if not self._previews:
            raise failed("INVALID_CONFIGURATION", "previews are switched off in this deployment")
        caller = current_caller()
        if request.contact_id and not permitted(caller.roles, "contact.view"):
            raise denied("contact data needs the permission contact.view")
        source = None
        if request.HasField("source"):
            template = convert.template_from_proto(request.source.template, caller.subject)
            handlers.check(template)
            draft = convert.version_from_proto(request.source.version, uuid7(), 1, caller.subject)
            source = template, draft
        wanted = previewing.Wanted(
            template_id=UUID(request.template_id) if request.template_id else None,
            number=request.version,
            source=source,
            language=request.language_code,
            contact_id=UUID(request.contact_id) if request.contact_id else None,
        )
        found = await previewing.preview(
            self._workshop, tenant(), wanted, convert.variables_from_struct(request.variables)
        )
        shown = found.rendered
        response = pb.PreviewTemplateResponse(
            subject=shown.subject,
            body_text=shown.text,
            body_html=shown.html,
            language_code=shown.language,
            used_variables=found.used,
            missing_variables=shown.missing,
            character_count=len(shown.text),
            has_unsubscribe_link=shown.has_unsubscribe_link,
            body_amp=shown.amp,
            media_urls=found.media_urls,
        )
        if found.channel == SMS:
            counted = count_sms(shown.text)
            response.encoding = _ENCODINGS[counted.encoding]
            response.sms_units, response.sms_segments = counted.units, counted.segments
        return response

    async def spam_score(self, request: pb.CheckSpamScoreRequest) -> pb.CheckSpamScoreResponse:
        """Scores a template, or a content, for spam."""
        language = ""
        if request.template_id:
            report, language = await previewing.spam(
                self._workshop, tenant(), UUID(request.template_id), request.version
            )
        else:
            report = score_spam(
                convert.channel_word(request.channel),
                request.subject,
                request.body_text or None,
                request.body_html or None,
            )
        return pb.CheckSpamScoreResponse(
            score=report.score,
            flags=report.flags,
            is_passed=report.passed,
            recommendations=report.recommendations,
            language_code=language,
        )

    async def resolve(self, request: pb.ResolveTemplateRequest) -> pb.ResolveTemplateResponse:
        """Returns an immutable version whole, put together."""
        version_id = UUID(request.template_version_id) if request.template_version_id else None
        template_id = UUID(request.template_id) if request.template_id else None
        async with self._database.tenant(tenant()) as uow:
            template, version = await resolving.resolved(
                uow, version_id, template_id, request.name, request.channel
            )
            owner = await tenants.current_settings(uow)
            version = await self._workshop.shown(uow, template, version, owner)
            approvals = await handlers.approvals_of(uow, [version])
        version = resolving.in_language(version, request.language_code, owner[0].default_language_code)
        return pb.ResolveTemplateResponse(
            template=convert.template_to_proto(template),
            version=convert.sent_to_proto(version, implicit_variables(), approvals),
            sender=convert.sender_to_proto(*owner),
        )
