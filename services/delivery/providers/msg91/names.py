"""Names of texts: MSG91 names a request, so a text is known by that name and its number.

A number is personal, and few enough to be tried out: it enters the name under the account's key only.
"""

import hashlib
import hmac


def name_of(auth_key: str, request_id: str, number: str) -> str:
    """The name of a text of a request, the same from its answer and from its reports."""
    digits = number.lstrip("+0")
    digest = hmac.digest(
        auth_key.encode(), f"{request_id}:{digits}".encode("utf-8", "replace"), hashlib.sha256
    )
    return f"{request_id[:150]}:{digest[:12].hex()}"
