"""TranslationService."""

import grpc

from angarium.campaign.v1 import translation_service_pb2 as pb
from angarium.campaign.v1.translation_service_pb2_grpc import TranslationServiceServicer
from services.campaign.translations.cases import TranslationCases

Context = grpc.aio.ServicerContext[object, object]


class TranslationServicer(TranslationServiceServicer):
    """Words that templates name by key."""

    def __init__(self, translations: TranslationCases) -> None:
        self._translations = translations

    async def ListTranslations(
        self, request: pb.ListTranslationsRequest, context: Context
    ) -> pb.ListTranslationsResponse:
        return await self._translations.page(request)

    async def UpsertTranslations(
        self, request: pb.UpsertTranslationsRequest, context: Context
    ) -> pb.UpsertTranslationsResponse:
        return await self._translations.upsert(request)

    async def DeleteTranslation(
        self, request: pb.DeleteTranslationRequest, context: Context
    ) -> pb.DeleteTranslationResponse:
        return await self._translations.delete(request)
