"""FeedbackService."""

from typing import Any

from angarium.campaign.v1 import feedback_service_pb2 as pb
from angarium.campaign.v1.feedback_service_pb2_grpc import FeedbackServiceServicer
from services.campaign.feedback.handlers import Feedbacks


class FeedbackServicer(FeedbackServiceServicer):
    """What contacts say of their visits."""

    def __init__(self, feedback: Feedbacks) -> None:
        self._feedback = feedback

    async def ResolveFeedbackToken(
        self, request: pb.ResolveFeedbackTokenRequest, context: Any
    ) -> pb.ResolveFeedbackTokenResponse:
        return await self._feedback.resolve(request)

    async def SubmitFeedback(
        self, request: pb.SubmitFeedbackRequest, context: Any
    ) -> pb.SubmitFeedbackResponse:
        return await self._feedback.submit(request)

    async def ListFeedback(self, request: pb.ListFeedbackRequest, context: Any) -> pb.ListFeedbackResponse:
        return await self._feedback.page(request)

    async def HandleFeedback(
        self, request: pb.HandleFeedbackRequest, context: Any
    ) -> pb.HandleFeedbackResponse:
        return await self._feedback.handle(request)

    async def GetFeedbackSummary(
        self, request: pb.GetFeedbackSummaryRequest, context: Any
    ) -> pb.GetFeedbackSummaryResponse:
        return await self._feedback.summarize(request)
