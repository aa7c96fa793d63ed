"""Use cases of decisions as ComplianceService asks for them."""

from uuid import UUID

from angarium.consent.v1 import compliance_service_pb2 as pb
from services.common.db.database import Database
from services.common.errors import denied, not_found
from services.common.paging import cut, page_size, position
from services.common.rpc.context import Caller, current_caller, tenant
from services.common.turns import give_way
from services.consent.decisions import convert, store
from services.consent.decisions.block import Block, EvaluationPurpose
from services.consent.decisions.handlers import Evaluator
from services.consent.subjects import ensure_own, is_own
from services.consent.words import OUTCOME, instant, uuid_or_none


class DecisionCases:
    """Decisions about messages, made and looked up."""

    def __init__(self, database: Database, evaluator: Evaluator) -> None:
        self._database = database
        self._evaluator = evaluator

    async def evaluate(self, request: pb.EvaluateSendRequest) -> pb.EvaluateSendResponse:
        """Decides about one message; who asks in earnest is a service, and a contact asks about itself."""
        block = convert.single_block(request)
        _check_purpose(current_caller(), block)
        ensure_own(uuid_or_none(request.subject.contact_id))
        answer = await self._evaluator.evaluate(tenant(), block, strict=True)
        return pb.EvaluateSendResponse(decision=convert.single(answer, explain=request.context.explain))

    async def evaluate_batch(self, request: pb.EvaluateSendBatchRequest) -> pb.EvaluateSendBatchResponse:
        """Decides about a block of messages; long ones give way to single ones between reading, deciding, answering."""
        block = convert.batch_block(request)
        await give_way(len(request.items))
        answer = await self._evaluator.evaluate(tenant(), block)
        await give_way(len(request.items))
        return convert.batch(answer, explain=request.context.explain)

    async def get(self, request: pb.GetDecisionRequest) -> pb.GetDecisionResponse:
        """Returns a decision; NOT_FOUND when there is none, it was kept its time, or it is another contact's."""
        async with self._database.tenant(tenant()) as uow:
            found = await store.by_id(uow, UUID(request.decision_id))
        if found is None or not is_own(found.contact_id):
            raise not_found("decision", request.decision_id)
        return pb.GetDecisionResponse(decision=convert.stored(found))

    async def page(self, request: pb.ListDecisionsRequest) -> pb.ListDecisionsResponse:
        """Returns a page of decisions that were kept, newest first."""
        ensure_own(uuid_or_none(request.contact_id))
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await store.page(
                uow,
                contact_id=uuid_or_none(request.contact_id),
                message_id=uuid_or_none(request.message_id),
                outcome=OUTCOME.word(request.outcome) or None,
                start=instant(request.start_time) if request.HasField("start_time") else None,
                end=instant(request.end_time) if request.HasField("end_time") else None,
                before=position(request, request.page_token),
                limit=size + 1,
            )
        page, token = cut(request, rows, size, convert.decision_key)
        return convert.stored_page(page, token)


def _check_purpose(caller: Caller, block: Block) -> None:
    """Raises PERMISSION_DENIED for anybody but a service who asks in earnest: people may ask for forecasts (SEC-44)."""
    if block.purpose is not EvaluationPurpose.PREVIEW and caller.kind != "service":
        raise denied(f"only services may ask with purpose {block.purpose.value}")
