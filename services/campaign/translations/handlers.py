"""Use cases of translations."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from services.campaign.translations import catalogue, store
from services.campaign.translations.domain import Translation, TranslationsInvalid, canonical, problems
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found


@dataclass(frozen=True, slots=True)
class Written:
    """What an upsert did."""

    created: int
    changed: int


async def page(
    uow: UnitOfWork, *, language: str, prefix: str, after: tuple[str, str], limit: int
) -> list[Translation]:
    """Returns the tenant's translations and, where it has none, the platform's, by key and language."""
    language = canonical(language)
    own = await store.page(uow, language=language, prefix=prefix, after=after, limit=limit)
    shared = (
        one
        for one in catalogue.translations()
        if one.place > after and one.key.startswith(prefix) and language in ("", one.language_code)
    )
    # Where both have one, the tenant's comes first, and the other is left out.
    merged = merge(own, shared, key=lambda one: (one.place, one.is_system))
    return list(islice(_first_of_each(merged), limit))


def _first_of_each(translations: Iterator[Translation]) -> Iterator[Translation]:
    last: tuple[str, str] | None = None
    for one in translations:
        if one.place != last:
            yield one
        last = one.place


async def words(uow: UnitOfWork, keys: Collection[str]) -> dict[tuple[str, str], str]:
    """Returns the words of keys by language and key: the tenant's before the platform's."""
    wanted = set(keys)
    shared = {place: value for place, value in catalogue.words().items() if place[1] in wanted}
    return {**shared, **await store.of_keys(uow, wanted)}


async def upsert(uow: UnitOfWork, translations: Sequence[Translation], actor: str) -> Written:
    """Writes translations, all or none; TranslationsInvalid says which cannot be."""
    if wrong := list(problems(translations)):
        raise TranslationsInvalid(wrong)
    told = await store.upsert(uow, translations, actor)
    created = sum(1 for _, _, is_new in told if is_new)
    if told:
        await audit.record(
            uow,
            action="translation.upsert",
            resource_type="translation",
            resource_id=f"{len(told)} translations",
            before=None,
            after={f"{language}/{key}": "created" if is_new else "changed" for key, language, is_new in told},
        )
    return Written(created, len(told) - created)


async def delete(uow: UnitOfWork, language: str, key: str) -> None:
    """Removes a translation of the tenant; NOT_FOUND when it has none."""
    language = canonical(language)
    former = await store.delete(uow, language, key)
    if former is None:
        raise not_found("translation", f"{language}/{key}")
    await audit.record(
        uow,
        action="translation.delete",
        resource_type="translation",
        resource_id=f"{language}/{key}",
        before={"value": former},
        after=None,
    )
