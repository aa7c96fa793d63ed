"""A picture is made anew, stored once, and shown to whoever has its URL."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from angarium.delivery.v1 import media_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.net.guard import Guard
from services.common.security.tokens import TokenSigner
from services.delivery.media import files
from services.delivery.media.assets import Assets
from services.delivery.media.fetching import Fetcher
from tests.delivery.media.studio import (
    DOCUMENT,
    IMAGE,
    MP4,
    PDF,
    SECRET,
    VIDEO,
    Studio,
    animation,
    parts,
    picture,
)
from tests.refusals import refused


@pytest.mark.req("DEL-16", "DEL-54", "DEL-98")
@pytest.mark.parametrize(
    ("kind", "content_type", "ending"),
    [
        ("PNG", "image/png", ".png"),
        ("JPEG", "image/jpeg", ".jpg"),
        ("GIF", "image/gif", ".gif"),
        ("WEBP", "image/webp", ".webp"),
    ],
)
async def test_a_picture_is_written_anew_and_everybody_can_see_it(
    studio: Studio, kind: str, content_type: str, ending: str
) -> None:
    stored = (await studio.upload(picture(kind))).media
    assert (stored.content_type, stored.width, stored.height) == (content_type, 60, 40)
    assert stored.alt == "a blue field"
    assert stored.url.endswith(ending)
    status, shown, body, headers = await studio.fetch(stored.url)
    assert (status, shown, len(body)) == (200, content_type, stored.size_bytes)
    assert hashlib.sha256(body).digest() == stored.checksum
    assert "immutable" in headers["Cache-Control"]
    assert Image.open(io.BytesIO(body)).size == (60, 40)
    again, _, nothing, _ = await studio.fetch(stored.url, **{"If-None-Match": headers["ETag"]})
    assert (again, nothing) == (304, b"")


@pytest.mark.req("DEL-98")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_what_a_picture_tells_beside_what_it_shows_is_gone(studio: Studio, kind: str) -> None:
    written = picture(kind, telling=True)
    assert SECRET in written
    stored = (await studio.upload(written)).media
    _, _, body, _ = await studio.fetch(stored.url)
    assert SECRET not in body
    assert not Image.open(io.BytesIO(body)).getexif()
    # Which way up it is was told there too, so it is turned for good.
    assert (stored.width, stored.height) == (40, 60)


async def test_a_picture_that_moves_goes_on_moving(studio: Studio) -> None:
    stored = (await studio.upload(animation(3))).media
    _, _, body, _ = await studio.fetch(stored.url)
    shown = Image.open(io.BytesIO(body))
    assert (getattr(shown, "n_frames", 1), shown.info["duration"]) == (3, 70)


@pytest.mark.req("DEL-16")
async def test_the_same_picture_again_is_the_same_asset(studio: Studio) -> None:
    first = await studio.upload(picture())
    second = await studio.upload(picture(), alt="other words")
    assert (first.was_known, second.was_known) == (False, True)
    assert second.media == first.media
    listed = await studio.media.ListMedia(pb.ListMediaRequest(), metadata=studio.mine)
    assert [one.media_id for one in listed.media] == [first.media.media_id]
    found = await studio.media.GetMedia(
        pb.GetMediaRequest(media_id=first.media.media_id), metadata=studio.mine
    )
    assert found.media == first.media


@pytest.mark.req("DEL-16", "DEL-60")
async def test_documents_and_films_are_kept_as_they_are(studio: Studio) -> None:
    document = (await studio.upload(PDF, kind=DOCUMENT)).media
    film = (await studio.upload(MP4, kind=VIDEO)).media
    assert (document.content_type, film.content_type) == ("application/pdf", "video/mp4")
    assert (await studio.fetch(document.url))[2] == PDF
    assert (await studio.fetch(film.url))[2] == MP4


@pytest.mark.req("DEL-116", "DEL-98")
@pytest.mark.parametrize(
    ("data", "facts", "field", "words"),
    [
        (b"GIF89a but no picture", {}, "chunk", "cannot be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, "chunk", "no image"),
        (PDF, {}, "chunk", "no image"),
        (picture()[:40], {}, "chunk", "cannot be read"),
        (picture(), {"alt": " "}, "facts.alt", "needed"),
        (b"", {}, "chunk", "needed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(5 * files.MEGABYTE), {}, "chunk", "larger than 5 MB"),
        (picture(), {"source_url": "https://pictures.example/x.png"}, "chunk", "must not follow"),
    ],
)
async def test_what_cannot_be_an_asset_is_refused_by_name(
    studio: Studio, data: bytes, facts: dict[str, Any], field: str, words: str
) -> None:
    error = await refused(studio.upload(data, **facts))
    assert (error.reason, error.violations[0].field) == ("VALIDATION_FAILED", field)
    assert words in error.violations[0].description
    assert await studio.house.value("SELECT count(*) FROM media_asset") == 0


async def test_facts_come_first_and_once(studio: Studio) -> None:
    facts, chunk = parts(picture())
    for requests in ((chunk,), (facts, facts, chunk), ()):
        error = await refused(studio.send(*requests))
        assert (error.reason, error.violations[0].field) == ("VALIDATION_FAILED", "facts")


@pytest.mark.req("DEL-94", "DEL-98")
async def test_a_remote_picture_is_fetched_once_a_day_and_shown_by_us(studio: Studio) -> None:
    studio.files["picture.png"] = picture()
    for _ in range(2):
        answer = await studio.upload(b"", source_url=f"{studio.elsewhere}/picture.png")
        assert answer.media.source_url == f"{studio.elsewhere}/picture.png"
        assert answer.media.url.startswith(f"{studio.base}/media/")
    assert studio.fetches == ["picture.png"]
    await studio.house.rows("UPDATE media_source SET fetched_at = fetched_at - interval '25 hours'")
    await studio.upload(b"", source_url=f"{studio.elsewhere}/picture.png")
    assert len(studio.fetches) == 2


@pytest.mark.req("DEL-94", "DEL-114")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data", "UNSAFE_URL"),
        ("https://10.0.0.1/picture.png", "UNSAFE_URL"),
        ("https://user:secret@pictures.example/x.png", "UNSAFE_URL"),
        ("moved", "VALIDATION_FAILED"),
        ("gone", "VALIDATION_FAILED"),
    ],
)
async def test_a_url_that_leads_nowhere_good_is_refused(studio: Studio, name: str, reason: str) -> None:
    url = name if "://" in name else f"{studio.elsewhere}/{name}"
    error = await refused(studio.upload(b"", source_url=url))
    assert (error.reason, error.violations[0].field) == (reason, "facts.source_url")
    assert "picture.png" not in studio.fetches, "no redirect is followed"


@pytest.mark.req("DEL-60")
async def test_media_of_messages_are_fetched_and_shown_from_here(studio: Studio) -> None:
    studio.files |= {"a.png": picture(), "menu.pdf": PDF}
    service = studio.house.service
    signer = TokenSigner(studio.house.settings.token_keys)
    fetcher = Fetcher(Guard(allow_local=True))
    assets = Assets(service.database, signer, fetcher, service.database.clock, studio.base)
    try:
        urls = await assets.hosted(
            studio.house.tenant_id, [f"{studio.elsewhere}/a.png", f"{studio.elsewhere}/menu.pdf"]
        )
        assert [url.rpartition(".")[2] for url in urls] == ["png", "pdf"]
        assert (await studio.fetch(urls[1]))[2] == PDF
        studio.files["page.html"] = b"<html>"
        with pytest.raises(ServiceError) as caught:
            await assets.hosted(studio.house.tenant_id, [f"{studio.elsewhere}/page.html"])
        assert caught.value.violations[0].field == "media_urls"
    finally:
        await fetcher.close()


async def test_a_removed_asset_is_gone_for_everybody(studio: Studio) -> None:
    stored = (await studio.upload(picture())).media
    request = pb.DeleteMediaRequest(media_id=stored.media_id)
    for removed in (True, False):
        answer = await studio.media.DeleteMedia(request, metadata=studio.mine)
        assert answer.was_removed is removed
    assert (await studio.fetch(stored.url))[0] == 404
    error = await refused(
        studio.media.GetMedia(pb.GetMediaRequest(media_id=stored.media_id), metadata=studio.mine)
    )
    assert error.reason == "NOT_FOUND"


@pytest.mark.req("SEC-6")
async def test_assets_are_their_tenants_own(studio: Studio) -> None:
    stored = (await studio.upload(picture())).media
    other = studio.house.as_person("regional_manager", tenant_id=uuid4())
    error = await refused(studio.media.GetMedia(pb.GetMediaRequest(media_id=stored.media_id), metadata=other))
    assert error.reason == "NOT_FOUND"
    for token in ("x", stored.url.rpartition("/")[2].replace(".png", "AA.png"), "A" * 300):
        assert (await studio.fetch(f"{studio.base}/media/{token}"))[0] == 404
    assert UUID(stored.media_id)


@pytest.mark.req("DEL-98")
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]),
)
def test_no_bytes_make_reading_a_picture_fail_in_another_way(data: bytes, start: bytes) -> None:
    try:
        assert files.usable(files.Kind.IMAGE, start + data).kind is files.Kind.IMAGE
    except files.UnusableFileError:
        return


def test_a_picture_too_large_to_hold_is_not_opened() -> None:
    huge = io.BytesIO()
    Image.new("1", (8000, 8000)).save(huge, "PNG")
    with pytest.raises(files.UnusableFileError, match="million"):
        files.usable(files.Kind.IMAGE, huge.getvalue())
    assert IMAGE == files.Kind.IMAGE
