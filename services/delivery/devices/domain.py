"""What a push device is, and which tokens there are (DEL-15)."""

import re
from datetime import timedelta
from enum import IntEnum
from typing import Final

MOST_DEVICES: Final = 20
KEPT_UNSEEN: Final = timedelta(days=270)


class Platform(IntEnum):
    """What a device runs."""

    IOS = 1
    ANDROID = 2
    WEB = 3


class Kind(IntEnum):
    """Which push service gave the token of a device."""

    FCM_TOKEN = 1
    FCM_INSTALLATION = 2
    APNS = 3
    WEB_PUSH = 4


_USUAL: Final = {Platform.IOS: Kind.APNS, Platform.ANDROID: Kind.FCM_TOKEN, Platform.WEB: Kind.WEB_PUSH}
_ONLY_ON: Final = {Kind.APNS: Platform.IOS, Kind.WEB_PUSH: Platform.WEB}
_FCM: Final = re.compile(r"[A-Za-z0-9_:.=%-]{8,4096}")
_APPLE: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){16,100}")
POINT_BYTES: Final = 65
AUTH_BYTES: Final = 16


class Refused(Exception):
    """A device that cannot be registered; names the field."""

    def __init__(self, field: str, text: str, reason: str = "INVALID_RECIPIENT") -> None:
        super().__init__(text)
        self.violations = [(field, text)]
        self.reason = reason


def kind_of(platform: Platform, given: int) -> Kind:
    """Returns which push service a token is of; Refused for one that the platform does not have."""
    kind = Kind(given) if given else _USUAL[platform]
    if _ONLY_ON.get(kind, platform) is not platform:
        raise Refused("token_kind", f"is of no {platform.name.lower()} device", "VALIDATION_FAILED")
    return kind


def canonical_token(kind: Kind, token: str) -> str:
    """Returns a token in the one form it is known by; Refused for what is none. Endpoints are judged elsewhere."""
    if kind is Kind.APNS:
        if not _APPLE.fullmatch(token):
            raise Refused("token", "must be a device token of APNs in hexadecimal")
        return token.lower()
    if kind is not Kind.WEB_PUSH and not _FCM.fullmatch(token):
        raise Refused("token", "must be a token of FCM")
    return token


def check_keys(kind: Kind, p256dh: bytes, auth: bytes) -> None:
    """Passes the keys of a subscription, and none of any other device; Refused otherwise."""
    if kind is not Kind.WEB_PUSH:
        if p256dh or auth:
            raise Refused("web_push_keys", "belong to Web Push only", "VALIDATION_FAILED")
        return
    if len(p256dh) != POINT_BYTES or p256dh[0] != 4:
        raise Refused("web_push_keys.p256dh", "must be a public key of 65 bytes in base64url")
    if len(auth) != AUTH_BYTES:
        raise Refused("web_push_keys.auth", "must be a secret of 16 bytes in base64url")
