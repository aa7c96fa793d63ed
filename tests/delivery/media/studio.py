"""What tests of media start from: pictures of every kind, and ways to store and fetch them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
from aiohttp import web
from PIL import Image

from angarium.delivery.v1 import media_service_pb2 as pb
from angarium.delivery.v1 import media_service_pb2_grpc
from tests.delivery.kit import House

IMAGE = pb.MediaAsset.KIND_IMAGE
DOCUMENT = pb.MediaAsset.KIND_DOCUMENT
VIDEO = pb.MediaAsset.KIND_VIDEO
PDF = b"%PDF-1.7\n%made up\n"
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)
SECRET = b"taken at 48.2N 16.4E"


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), *, telling: bool = False) -> bytes:
    """A picture; a telling one says in its metadata where it was taken."""
    image = Image.new("RGB", size, (16, 42, 67))
    image.putpixel((0, 0), (255, 0, 0))
    options: dict[str, Any] = {}
    if telling:
        exif = Image.Exif()
        exif[0x010E] = SECRET.decode()
        exif[0x0112] = 6  # turned by a quarter
        options["exif"] = exif.tobytes()
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def animation(frames: int = 3) -> bytes:
    """A picture that moves."""
    images = [Image.new("RGB", (20, 10), (80 * number, 0, 0)) for number in range(frames)]
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=70, loop=0)
    return out.getvalue()


class Studio:
    """A house with a gateway, and a web server elsewhere."""

    def __init__(self, house: House, base: str, session: aiohttp.ClientSession) -> None:
        self.house, self.base, self.session = house, base, session
        self.media = media_service_pb2_grpc.MediaServiceStub(house.channel)
        self.mine = house.as_person("regional_manager")
        self.elsewhere = ""
        self.files: dict[str, bytes] = {}
        self.fetches: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.fetches.append(name)
        if name == "moved":
            raise web.HTTPFound("/picture.png")
        if name not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[name])

    async def upload(self, data: bytes, **facts: Any) -> pb.UploadMediaResponse:
        return await self.send(*parts(data, **facts))

    async def send(self, *requests: pb.UploadMediaRequest) -> pb.UploadMediaResponse:
        return await self.media.UploadMedia(iter(requests), metadata=self.mine)

    async def fetch(self, url: str, **headers: str) -> tuple[int, str, bytes, Mapping[str, str]]:
        async with self.session.get(url, headers=headers) as answer:
            return answer.status, answer.content_type, await answer.read(), answer.headers.copy()


def parts(data: bytes, **facts: Any) -> Iterator[pb.UploadMediaRequest]:
    """The requests of an upload: facts, then bytes."""
    fields = {"kind": IMAGE, "alt": "a blue field", **facts}
    yield pb.UploadMediaRequest(facts=pb.MediaFacts(**fields))
    for start in range(0, len(data), 1_000_000):
        yield pb.UploadMediaRequest(chunk=data[start : start + 1_000_000])
