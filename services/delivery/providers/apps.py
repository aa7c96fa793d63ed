"""Which accounts carry push messages to which devices: by the service that gave the token, and by the app."""

import re
from collections.abc import Mapping
from typing import Any, Final

from services.delivery.providers.base import Device, TokenKind
from services.delivery.providers.kinds import Rules, Setting

CARRIED: Final[Mapping[str, frozenset[TokenKind]]] = {
    "fcm": frozenset({TokenKind.FCM_TOKEN, TokenKind.FCM_INSTALLATION}),
    "apns": frozenset({TokenKind.APNS}),
    "webpush": frozenset({TokenKind.WEB_PUSH}),
    "recording": frozenset(TokenKind),
}
"""Kinds of tokens by the provider that takes them."""

_APP: Final = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_MOST: Final = 100


def carries(provider: str, config: Mapping[str, Any], device: Device) -> bool:
    """Returns whether an account takes messages to a device; one without `app_ids` does so for every app."""
    apps = config.get("app_ids")
    return device.kind in CARRIED.get(provider, ()) and (not apps or device.app_id in apps)


def _apps(value: Any, _rules: Rules) -> str | None:
    is_good = (
        isinstance(value, list)
        and 0 < len(value) <= _MOST
        and all(isinstance(one, str) and _APP.fullmatch(one) for one in value)
    )
    return None if is_good else f"must be a list of up to {_MOST} apps, as devices name them"


APP_IDS: Final = Setting(_apps, optional=True)
"""The apps an account is for."""
