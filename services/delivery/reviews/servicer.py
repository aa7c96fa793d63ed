"""TemplateReviewService."""

from typing import Any

from angarium.delivery.v1 import template_review_service_pb2 as pb
from angarium.delivery.v1 import template_review_service_pb2_grpc as grpc_pb
from services.common.rpc.context import tenant
from services.delivery.reviews import handlers
from services.delivery.reviews.handlers import Reviews


class TemplateReviewServicer(grpc_pb.TemplateReviewServiceServicer):
    """What providers review before it may be sent."""

    def __init__(self, reviews: Reviews) -> None:
        self._reviews = reviews

    async def SubmitTemplate(
        self, request: pb.SubmitTemplateRequest, context: Any
    ) -> pb.SubmitTemplateResponse:
        return await handlers.submit(self._reviews, tenant(), request)

    async def GetTemplateReviews(
        self, request: pb.GetTemplateReviewsRequest, context: Any
    ) -> pb.GetTemplateReviewsResponse:
        return await handlers.ask(self._reviews, tenant(), request)
