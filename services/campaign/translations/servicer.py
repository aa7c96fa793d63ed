"""TranslationService."""

import grpc

from angarium.campaign.v1 import translation_service_pb2 as pb
from angarium.campaign.v1.translation_service_pb2_grpc import TranslationServiceServicer
from services.campaign.translations import convert, handlers
from services.common.db.database import Database
from services.common.idempotency import once
from services.common.paging import PageToken, page_size, parameters_hash
from services.common.rpc.context import current_caller, tenant

Context = grpc.aio.ServicerContext[object, object]


class TranslationServicer(TranslationServiceServicer):
    """Words that templates name by key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListTranslations(
        self, request: pb.ListTranslationsRequest, context: Context
    ) -> pb.ListTranslationsResponse:
        """Lists translations."""
        size, parameters = page_size(request.page_size), parameters_hash(request)
        last = PageToken.decode(request.page_token, parameters, length=2)
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.page(
                uow,
                language=request.language_code,
                prefix=request.key_prefix,
                after=(str(last[0]), str(last[1])) if last else ("", ""),
                limit=size + 1,
            )
        token = PageToken.encode(list(found[size - 1].place), parameters) if len(found) > size else ""
        return pb.ListTranslationsResponse(
            translations=[convert.to_proto(one) for one in found[:size]], next_page_token=token
        )

    async def UpsertTranslations(
        self, request: pb.UpsertTranslationsRequest, context: Context
    ) -> pb.UpsertTranslationsResponse:
        """Writes translations."""
        given = [convert.from_proto(one) for one in request.translations]
        actor = current_caller().subject
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.UpsertTranslationsResponse:
                written = await handlers.upsert(uow, given, actor)
                return pb.UpsertTranslationsResponse(
                    created_count=written.created, changed_count=written.changed
                )

            response, repeated = await once(
                uow,
                method="TranslationService.UpsertTranslations",
                key=request.idempotency_key,
                request=request,
                response_type=pb.UpsertTranslationsResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def DeleteTranslation(
        self, request: pb.DeleteTranslationRequest, context: Context
    ) -> pb.DeleteTranslationResponse:
        """Removes a translation of the tenant."""
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.DeleteTranslationResponse:
                await handlers.delete(uow, request.language_code, request.key)
                return pb.DeleteTranslationResponse()

            response, repeated = await once(
                uow,
                method="TranslationService.DeleteTranslation",
                key=request.idempotency_key,
                request=request,
                response_type=pb.DeleteTranslationResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response
