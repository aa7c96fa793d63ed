"""Use cases of translations as TranslationService asks for them."""

from angarium.campaign.v1 import translation_service_pb2 as pb
from services.campaign.translations import convert, handlers
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.idempotency import keyed
from services.common.paging import PageToken, page_size, parameters_hash
from services.common.rpc.context import current_caller, tenant


class TranslationCases:
    """Words that templates name by key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, request: pb.ListTranslationsRequest) -> pb.ListTranslationsResponse:
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

    async def upsert(self, request: pb.UpsertTranslationsRequest) -> pb.UpsertTranslationsResponse:
        """Writes translations."""
        given = [convert.from_proto(one) for one in request.translations]
        actor = current_caller().subject

        async def effect(uow: UnitOfWork) -> pb.UpsertTranslationsResponse:
            written = await handlers.upsert(uow, given, actor)
            return pb.UpsertTranslationsResponse(created_count=written.created, changed_count=written.changed)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "TranslationService.UpsertTranslations", request, pb.UpsertTranslationsResponse, effect
            )

    async def delete(self, request: pb.DeleteTranslationRequest) -> pb.DeleteTranslationResponse:
        """Removes a translation of the tenant."""

        async def effect(uow: UnitOfWork) -> pb.DeleteTranslationResponse:
            await handlers.delete(uow, request.language_code, request.key)
            return pb.DeleteTranslationResponse()

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "TranslationService.DeleteTranslation", request, pb.DeleteTranslationResponse, effect
            )
