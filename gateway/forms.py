"""Form tokens: a page's form is bound to the link token it was shown for (GAT-32)."""

import hashlib
import hmac

from services.common.security.keys import KeySet, derive


class FormTokens:
    """Makes and checks the hidden token of a form; it is worthless on another page."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = [derive(key, "form") for _, key in keys]

    def issue(self, path_token: str) -> str:
        """Returns the token for the page of `path_token`."""
        return _sign(self._keys[0], path_token)

    def is_valid(self, path_token: str, offered: str) -> bool:
        """Returns whether `offered` was issued for this page, under any key still held."""
        return any(hmac.compare_digest(_sign(key, path_token), offered) for key in self._keys)


def _sign(key: bytes, path_token: str) -> str:
    return hmac.new(key, path_token.encode(), hashlib.sha256).hexdigest()[:40]
