"""Calls about translations."""

from collections.abc import Sequence
from typing import Any

from cli.output import usage
from cli.paging import listed

AT_ONCE = 500


async def write(service: Any, given: Sequence[tuple[str, str, str]]) -> None:
    """Writes language, key and words, in calls of as many as one takes."""
    from angarium.campaign.v1 import translation_service_pb2 as pb
    from services.common.ids import uuid7

    for start in range(0, len(given), AT_ONCE):
        rows = [
            pb.Translation(language_code=language, key=key, value=value)
            for language, key, value in given[start : start + AT_ONCE]
        ]
        await service.UpsertTranslations(
            pb.UpsertTranslationsRequest(translations=rows, idempotency_key=str(uuid7()))
        )


def named(text: str) -> tuple[str, str]:
    """Returns the language and the key of a text such as `de:offer.line`."""
    language, colon, key = text.partition(":")
    if not (colon and language and key):
        usage(f"--remove {text!r} names no word.", "Name language and key: --remove de:offer.line")
    return language, key


async def remove(service: Any, gone: Sequence[tuple[str, str]]) -> None:
    """Removes words of the tenant's by language and key."""
    from angarium.campaign.v1 import translation_service_pb2 as pb
    from services.common.ids import uuid7

    for language, key in gone:
        await service.DeleteTranslation(
            pb.DeleteTranslationRequest(language_code=language, key=key, idempotency_key=str(uuid7()))
        )


async def every(service: Any, language: str, prefix: str) -> list[Any]:
    """Returns all translations that a list shows."""
    from angarium.campaign.v1 import translation_service_pb2 as pb

    request = pb.ListTranslationsRequest(language_code=language, key_prefix=prefix)
    return await listed(service.ListTranslations, request, "translations")


def shown(one: Any) -> dict[str, Any]:
    """Returns a translation as lists show it."""
    return {
        "key": one.key,
        "language": one.language_code,
        "words": one.value,
        "of_the_platform": one.is_system,
    }
