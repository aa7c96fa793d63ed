"""Tokens that count once, kept where all replicas see them."""

import hashlib

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.common.errors import unavailable

PREFIX = "angarium:gateway:once:"


class OneTimeTokens:
    """Binds a token to what came with it first."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def claim(self, token: str, content: bytes, seconds: int) -> bool:
        """Returns whether the token is new, or came with the same content before.

        Raises:
            ServiceError: The store cannot be asked; what cannot be checked is not let through.
        """
        key = PREFIX + hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
        try:
            known = await self._redis.set(key, content, nx=True, get=True, ex=max(1, seconds))
        except (RedisError, OSError):
            raise unavailable("redis") from None
        return known is None or known == content
