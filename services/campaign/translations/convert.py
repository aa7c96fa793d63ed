"""Between translations and the contract."""

from angarium.campaign.v1 import translation_service_pb2 as pb
from services.campaign.translations.domain import Translation, canonical


def from_proto(message: pb.Translation) -> Translation:
    """Returns a translation to be written."""
    return Translation(message.key, canonical(message.language_code), message.value)


def to_proto(one: Translation) -> pb.Translation:
    """Returns a translation as the contract shows it."""
    message = pb.Translation(
        language_code=one.language_code, key=one.key, value=one.value, is_system=one.is_system
    )
    if one.updated_at is not None:
        message.update_time.FromDatetime(one.updated_at)
    return message
