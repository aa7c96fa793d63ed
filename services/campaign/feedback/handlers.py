"""Use cases of feedback: a link is read, answers are taken, looked after and counted."""

from dataclasses import replace
from uuid import UUID

from angarium.campaign.v1 import feedback_service_pb2 as pb
from services.campaign.branches import handlers as branches
from services.campaign.branches import store as branch_store
from services.campaign.branches.access import limited_to
from services.campaign.contacts import handlers as contacts
from services.campaign.contacts import store as contact_store
from services.campaign.feedback import answers, convert, store
from services.campaign.feedback.domain import (
    AlreadyAnsweredError,
    Feedback,
    FeedbackRequest,
    LinkUsedError,
    Source,
    plain,
)
from services.campaign.feedback.requests import FeedbackLinks
from services.campaign.tenants import handlers as tenants
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import denied, invalid, not_found
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant
from services.common.security.tokens import InvalidToken
from services.common.zones import local_day, zone

_SERVICE = "FeedbackService"
_GATEWAY = "gateway"


class Feedbacks:
    """What contacts say of their visits."""

    def __init__(self, database: Database, links: FeedbackLinks) -> None:
        self._database = database
        self._links = links

    async def resolve(self, request: pb.ResolveFeedbackTokenRequest) -> pb.ResolveFeedbackTokenResponse:
        """Tells what a link is for; changes nothing."""
        payload, request_id = self._links.open(request.token, self._database.clock.now())
        async with self._database.tenant(payload.tenant_id) as uow:
            asked = await _asked(uow, request_id)
            owner, settings = await tenants.current_settings(uow)
            branch = await branch_store.by_id(uow, asked.branch_id) if asked.branch_id else None
            contact = await contact_store.by_key(uow, contact_id=asked.contact_id)
            given = await store.of_visit(uow, asked.contact_id, asked.reference_id)
            now = uow.now()
        local = zone((branch.time_zone if branch else "") or owner.default_time_zone)
        return pb.ResolveFeedbackTokenResponse(
            tenant_name=owner.name,
            branding=convert.branding(settings),
            visit_date=local_day(asked.visited_at, local).isoformat() if asked.visited_at else "",
            branch_name=branch.name if branch else "",
            language_code=(contact.language_code if contact else None) or owner.default_language_code,
            feedback=convert.feedback_to_proto(given) if given else None,
            is_open=given is None or given.is_editable(now),
        )

    async def submit(self, request: pb.SubmitFeedbackRequest) -> pb.SubmitFeedbackResponse:
        """Takes an answer by a link from the gateway, or for a visit from staff and neighbours."""
        by_link = request.WhichOneof("what") == "token"
        if by_link != (current_caller().service == _GATEWAY):
            raise denied("links come from the gateway, and nothing else does")
        tenant_id, request_id = None, None
        if by_link:
            payload, request_id = self._links.open(request.token, self._database.clock.now())
            tenant_id = payload.tenant_id

        async def effect(uow: UnitOfWork) -> pb.SubmitFeedbackResponse:
            await tenants.refuse_closed(uow)
            if request_id is None:
                given = await answers.take(uow, await _of_visit(uow, request))
            else:
                given = await _by_link(uow, request, request_id)
            return pb.SubmitFeedbackResponse(feedback=convert.feedback_to_proto(given))

        async with self._database.tenant(tenant_id or tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.SubmitFeedback", request, pb.SubmitFeedbackResponse, effect)

    async def page(self, request: pb.ListFeedbackRequest) -> pb.ListFeedbackResponse:
        """Returns a page of feedback, newest first."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await store.page(
                uow,
                convert.within(request, limited_to(current_caller())),
                ratings=request.ratings,
                contact_id=UUID(request.contact_id) if request.contact_id else None,
                handled=request.is_handled if request.HasField("is_handled") else None,
                before=position(request, request.page_token),
                limit=size + 1,
            )
        shown, token = cut(request, rows, size, lambda one: one.feedback_id)
        return pb.ListFeedbackResponse(
            feedback=[convert.feedback_to_proto(one) for one in shown], next_page_token=token
        )

    async def handle(self, request: pb.HandleFeedbackRequest) -> pb.HandleFeedbackResponse:
        """Notes who looked after feedback, and what was done."""
        note = plain(request.note)
        if not note:
            raise invalid("note", "is needed")

        async def effect(uow: UnitOfWork) -> pb.HandleFeedbackResponse:
            known = await _visible(uow, UUID(request.feedback_id))
            caller = current_caller()
            handled = replace(
                known,
                handled_by=caller.subject,
                handled_at=uow.now(),
                handled_note=note,
                updated_at=uow.now(),
            )
            await store.save(uow, handled)
            await audit.record(
                uow,
                action="feedback.handle",
                resource_type="feedback",
                resource_id=known.feedback_id,
                before={"handled_by": known.handled_by},
                after={"handled_by": handled.handled_by},
            )
            return pb.HandleFeedbackResponse(feedback=convert.feedback_to_proto(handled))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.HandleFeedback", request, pb.HandleFeedbackResponse, effect)

    async def summarize(self, request: pb.GetFeedbackSummaryRequest) -> pb.GetFeedbackSummaryResponse:
        """Counts the ratings of a range of time."""
        async with self._database.tenant(tenant()) as uow:
            found = await store.summary(uow, convert.within(request, limited_to(current_caller())))
        return convert.summary_to_proto(found)


async def _asked(uow: UnitOfWork, request_id: UUID) -> FeedbackRequest:
    found = await store.request(uow, request_id)
    if found is None:
        raise InvalidToken
    return found


async def _by_link(uow: UnitOfWork, request: pb.SubmitFeedbackRequest, request_id: UUID) -> Feedback:
    asked = await _asked(uow, request_id)
    given = _draft(uow, request, asked.contact_id, asked.reference_id, asked.branch_id, Source.LINK, asked)
    try:
        return await answers.take(uow, given)
    except AlreadyAnsweredError:
        raise LinkUsedError from None


async def _of_visit(uow: UnitOfWork, request: pb.SubmitFeedbackRequest) -> Feedback:
    """Returns what staff or a neighbour says for a contact, with the request it answers if there is one."""
    visit, caller = request.visit, current_caller()
    contact = await contacts.get(uow, UUID(visit.contact_id), None)
    assert contact.contact_id is not None  # noqa: S101 - a stored contact has its id
    asked = await store.request_of(uow, contact.contact_id, visit.reference_id)
    if visit.branch_id:
        branch_id: UUID | None = (await branches.get(uow, UUID(visit.branch_id), caller)).branch_id
    else:
        branch_id = asked.branch_id if asked else contact.branch_id
    own = limited_to(caller)
    if own and branch_id not in own:
        raise denied("feedback on visits of one's own branches only")
    source = Source.STAFF if caller.service is None else Source.API
    return _draft(uow, request, contact.contact_id, visit.reference_id, branch_id, source, asked)


def _draft(
    uow: UnitOfWork,
    request: pb.SubmitFeedbackRequest,
    contact_id: UUID,
    reference_id: str,
    branch_id: UUID | None,
    source: Source,
    asked: FeedbackRequest | None,
) -> Feedback:
    return Feedback(
        feedback_id=uuid7(),
        request_id=asked.request_id if asked else None,
        contact_id=contact_id,
        branch_id=branch_id,
        reference_id=reference_id,
        rating=request.rating,
        comment=plain(request.comment),
        source=source,
        created_at=uow.now(),
        updated_at=uow.now(),
    )


async def _visible(uow: UnitOfWork, feedback_id: UUID) -> Feedback:
    """Returns feedback that the caller sees, locked."""
    found = await store.by_id(uow, feedback_id, lock=True)
    own = limited_to(current_caller())
    if found is None or (own and found.branch_id not in own):
        raise not_found("feedback", feedback_id)
    return found
