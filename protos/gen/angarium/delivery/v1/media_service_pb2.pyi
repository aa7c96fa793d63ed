import datetime

from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MediaAsset(_message.Message):
    __slots__ = ("media_id", "kind", "content_type", "size_bytes", "width", "height", "alt", "source_url", "checksum", "url", "create_time")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[MediaAsset.Kind]
        KIND_IMAGE: _ClassVar[MediaAsset.Kind]
        KIND_VIDEO: _ClassVar[MediaAsset.Kind]
        KIND_DOCUMENT: _ClassVar[MediaAsset.Kind]
    KIND_UNSPECIFIED: MediaAsset.Kind
    KIND_IMAGE: MediaAsset.Kind
    KIND_VIDEO: MediaAsset.Kind
    KIND_DOCUMENT: MediaAsset.Kind
    MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    ALT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_URL_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    media_id: str
    kind: MediaAsset.Kind
    content_type: str
    size_bytes: int
    width: int
    height: int
    alt: str
    source_url: str
    checksum: bytes
    url: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, media_id: _Optional[str] = ..., kind: _Optional[_Union[MediaAsset.Kind, str]] = ..., content_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., alt: _Optional[str] = ..., source_url: _Optional[str] = ..., checksum: _Optional[bytes] = ..., url: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class UploadMediaRequest(_message.Message):
    __slots__ = ("facts", "chunk")
    FACTS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    facts: MediaFacts
    chunk: bytes
    def __init__(self, facts: _Optional[_Union[MediaFacts, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class MediaFacts(_message.Message):
    __slots__ = ("kind", "alt", "source_url")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ALT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_URL_FIELD_NUMBER: _ClassVar[int]
    kind: MediaAsset.Kind
    alt: str
    source_url: str
    def __init__(self, kind: _Optional[_Union[MediaAsset.Kind, str]] = ..., alt: _Optional[str] = ..., source_url: _Optional[str] = ...) -> None: ...

class UploadMediaResponse(_message.Message):
    __slots__ = ("media", "was_known")
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    WAS_KNOWN_FIELD_NUMBER: _ClassVar[int]
    media: MediaAsset
    was_known: bool
    def __init__(self, media: _Optional[_Union[MediaAsset, _Mapping]] = ..., was_known: _Optional[bool] = ...) -> None: ...

class GetMediaRequest(_message.Message):
    __slots__ = ("media_id",)
    MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    media_id: str
    def __init__(self, media_id: _Optional[str] = ...) -> None: ...

class GetMediaResponse(_message.Message):
    __slots__ = ("media",)
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    media: MediaAsset
    def __init__(self, media: _Optional[_Union[MediaAsset, _Mapping]] = ...) -> None: ...

class ListMediaRequest(_message.Message):
    __slots__ = ("kind", "page_size", "page_token")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    kind: MediaAsset.Kind
    page_size: int
    page_token: str
    def __init__(self, kind: _Optional[_Union[MediaAsset.Kind, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListMediaResponse(_message.Message):
    __slots__ = ("media", "next_page_token")
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    media: _containers.RepeatedCompositeFieldContainer[MediaAsset]
    next_page_token: str
    def __init__(self, media: _Optional[_Iterable[_Union[MediaAsset, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteMediaRequest(_message.Message):
    __slots__ = ("media_id",)
    MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    media_id: str
    def __init__(self, media_id: _Optional[str] = ...) -> None: ...

class DeleteMediaResponse(_message.Message):
    __slots__ = ("was_removed",)
    WAS_REMOVED_FIELD_NUMBER: _ClassVar[int]
    was_removed: bool
    def __init__(self, was_removed: _Optional[bool] = ...) -> None: ...

class ReadMediaRequest(_message.Message):
    __slots__ = ("media_token",)
    MEDIA_TOKEN_FIELD_NUMBER: _ClassVar[int]
    media_token: str
    def __init__(self, media_token: _Optional[str] = ...) -> None: ...

class ReadMediaResponse(_message.Message):
    __slots__ = ("content_type", "size_bytes", "checksum", "chunk")
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    content_type: str
    size_bytes: int
    checksum: bytes
    chunk: bytes
    def __init__(self, content_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., checksum: _Optional[bytes] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class RichContent(_message.Message):
    __slots__ = ("images", "videos", "buttons", "cards")
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    VIDEOS_FIELD_NUMBER: _ClassVar[int]
    BUTTONS_FIELD_NUMBER: _ClassVar[int]
    CARDS_FIELD_NUMBER: _ClassVar[int]
    images: _containers.RepeatedCompositeFieldContainer[RichImage]
    videos: _containers.RepeatedCompositeFieldContainer[RichVideo]
    buttons: _containers.RepeatedCompositeFieldContainer[RichButton]
    cards: _containers.RepeatedCompositeFieldContainer[RichCard]
    def __init__(self, images: _Optional[_Iterable[_Union[RichImage, _Mapping]]] = ..., videos: _Optional[_Iterable[_Union[RichVideo, _Mapping]]] = ..., buttons: _Optional[_Iterable[_Union[RichButton, _Mapping]]] = ..., cards: _Optional[_Iterable[_Union[RichCard, _Mapping]]] = ...) -> None: ...

class RichImage(_message.Message):
    __slots__ = ("media_id", "url", "alt", "width", "height")
    MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    ALT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    media_id: str
    url: str
    alt: str
    width: int
    height: int
    def __init__(self, media_id: _Optional[str] = ..., url: _Optional[str] = ..., alt: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class RichVideo(_message.Message):
    __slots__ = ("url", "thumbnail", "duration")
    URL_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    url: str
    thumbnail: RichImage
    duration: _duration_pb2.Duration
    def __init__(self, url: _Optional[str] = ..., thumbnail: _Optional[_Union[RichImage, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RichButton(_message.Message):
    __slots__ = ("text", "url", "style")
    class Style(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STYLE_UNSPECIFIED: _ClassVar[RichButton.Style]
        STYLE_PRIMARY: _ClassVar[RichButton.Style]
        STYLE_SECONDARY: _ClassVar[RichButton.Style]
        STYLE_DANGER: _ClassVar[RichButton.Style]
    STYLE_UNSPECIFIED: RichButton.Style
    STYLE_PRIMARY: RichButton.Style
    STYLE_SECONDARY: RichButton.Style
    STYLE_DANGER: RichButton.Style
    TEXT_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    text: str
    url: str
    style: RichButton.Style
    def __init__(self, text: _Optional[str] = ..., url: _Optional[str] = ..., style: _Optional[_Union[RichButton.Style, str]] = ...) -> None: ...

class RichCard(_message.Message):
    __slots__ = ("title", "description", "image", "link_url")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    LINK_URL_FIELD_NUMBER: _ClassVar[int]
    title: str
    description: str
    image: RichImage
    link_url: str
    def __init__(self, title: _Optional[str] = ..., description: _Optional[str] = ..., image: _Optional[_Union[RichImage, _Mapping]] = ..., link_url: _Optional[str] = ...) -> None: ...

class RenderRichContentRequest(_message.Message):
    __slots__ = ("content", "language_code", "amp_enabled", "amp_sender")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    AMP_ENABLED_FIELD_NUMBER: _ClassVar[int]
    AMP_SENDER_FIELD_NUMBER: _ClassVar[int]
    content: RichContent
    language_code: str
    amp_enabled: bool
    amp_sender: str
    def __init__(self, content: _Optional[_Union[RichContent, _Mapping]] = ..., language_code: _Optional[str] = ..., amp_enabled: _Optional[bool] = ..., amp_sender: _Optional[str] = ...) -> None: ...

class RenderRichContentResponse(_message.Message):
    __slots__ = ("html", "text", "amp")
    HTML_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    AMP_FIELD_NUMBER: _ClassVar[int]
    html: str
    text: str
    amp: str
    def __init__(self, html: _Optional[str] = ..., text: _Optional[str] = ..., amp: _Optional[str] = ...) -> None: ...
