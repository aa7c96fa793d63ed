"""What templates ask of delivery: its media, and providers that review WhatsApp templates."""

from dataclasses import dataclass, field
from typing import Any

from angarium.delivery.v1 import (
    media_service_pb2,
    media_service_pb2_grpc,
    template_review_service_pb2,
    template_review_service_pb2_grpc,
)
from services.common.errors import ServiceError, invalid, not_found
from services.common.service import Registration

BUSINESS = "meta:1"


@dataclass
class Shelf(
    media_service_pb2_grpc.MediaServiceServicer,
    template_review_service_pb2_grpc.TemplateReviewServiceServicer,
):
    """Knows the assets it was given, and decides about templates as it was told, by name."""

    media: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, tuple[int, str]] = field(default_factory=dict)
    handed_in: list[Any] = field(default_factory=list)
    error: ServiceError | None = None

    def registrations(self) -> list[Registration]:
        """Returns the services it stands in for."""
        return [
            Registration(
                media_service_pb2.DESCRIPTOR.services_by_name["MediaService"],
                media_service_pb2_grpc.add_MediaServiceServicer_to_server,
                self,
            ),
            Registration(
                template_review_service_pb2.DESCRIPTOR.services_by_name["TemplateReviewService"],
                template_review_service_pb2_grpc.add_TemplateReviewServiceServicer_to_server,
                self,
            ),
        ]

    async def RenderRichContent(self, request: Any, context: Any) -> Any:
        for image in request.content.images:
            if image.media_id and image.media_id not in self.media:
                raise not_found("media", image.media_id)
            if image.url and not image.url.startswith("https://"):
                raise invalid("content.images[0].url", "must be https", "UNSAFE_URL")
        images = "".join(f'<img src="{self._url(one)}" alt="{one.alt}">' for one in request.content.images)
        buttons = "".join(f'<a href="{one.url}">{one.text}</a>' for one in request.content.buttons)
        text = "\n".join(f"{one.text}: {one.url}" for one in request.content.buttons)
        return media_service_pb2.RenderRichContentResponse(html=f"<div>{images}{buttons}</div>", text=text)

    async def GetMedia(self, request: Any, context: Any) -> Any:
        asset = media_service_pb2.MediaAsset(media_id=request.media_id, url=self.media[request.media_id])
        return media_service_pb2.GetMediaResponse(media=asset)

    async def SubmitTemplate(self, request: Any, context: Any) -> Any:
        if self.error is not None:
            raise self.error
        self.handed_in.append(request)
        return template_review_service_pb2.SubmitTemplateResponse(
            review=self._review(request.name, request.language_code, (1, "")), business_account=BUSINESS
        )

    async def GetTemplateReviews(self, request: Any, context: Any) -> Any:
        return template_review_service_pb2.GetTemplateReviewsResponse(
            reviews=[
                self._review(name, "en", self.decisions[name])
                for name in request.names
                if name in self.decisions
            ],
            business_account=BUSINESS,
        )

    def _url(self, image: Any) -> str:
        return image.url or self.media[image.media_id]

    @staticmethod
    def _review(name: str, language: str, decided: tuple[int, str]) -> Any:
        return template_review_service_pb2.TemplateReview(
            name=name,
            language_code=language,
            state=decided[0],  # type: ignore[arg-type]
            whatsapp_template_id=f"id-{name}",
            reason=decided[1],
        )
