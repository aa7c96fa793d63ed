"""What a link is for, whichever of the kinds it is."""

from angarium.consent.v1 import preference_service_pb2 as pb
from services.common.security.tokens import InvalidToken
from services.consent.consents.confirm_handlers import ConfirmCalls
from services.consent.preferences.handlers import Preferences


class Tokens:
    """Tells of tokens what they are for."""

    def __init__(self, preferences: Preferences, confirming: ConfirmCalls) -> None:
        self._preferences = preferences
        self._confirming = confirming

    async def resolve(self, request: pb.ResolveTokenRequest) -> pb.ResolveTokenResponse:
        """Tells what a link is for, and changes nothing; what is no link of preferences may confirm a consent."""
        try:
            return await self._preferences.resolve(request)
        except InvalidToken:
            return await self._confirming.resolve(request.token)
