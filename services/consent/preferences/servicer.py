"""PreferenceService."""

from typing import Any

from angarium.consent.v1 import preference_service_pb2 as pb
from angarium.consent.v1 import preference_service_pb2_grpc
from services.consent.preferences.choices import ContactChoices
from services.consent.preferences.fresh_links import FreshLinks
from services.consent.preferences.handlers import Preferences
from services.consent.preferences.tokens import Tokens


class PreferenceServicer(preference_service_pb2_grpc.PreferenceServiceServicer):
    """Keeps what contacts say; makes links, tells what they are for, and does what they say."""

    def __init__(
        self,
        choices: ContactChoices,
        preferences: Preferences,
        tokens: Tokens,
        fresh_links: FreshLinks,
    ) -> None:
        self._choices = choices
        self._preferences = preferences
        self._tokens = tokens
        self._fresh_links = fresh_links

    async def GetPreferences(
        self, request: pb.GetPreferencesRequest, context: Any
    ) -> pb.GetPreferencesResponse:
        return await self._choices.get(request)

    async def UpdatePreferences(
        self, request: pb.UpdatePreferencesRequest, context: Any
    ) -> pb.UpdatePreferencesResponse:
        return await self._choices.update(request)

    async def SetCategoryPreferences(
        self, request: pb.SetCategoryPreferencesRequest, context: Any
    ) -> pb.SetCategoryPreferencesResponse:
        return await self._choices.set_categories(request)

    async def SubscribeToChannel(
        self, request: pb.SubscribeToChannelRequest, context: Any
    ) -> pb.SubscribeToChannelResponse:
        return await self._choices.subscribe(request)

    async def UnsubscribeFromChannel(
        self, request: pb.UnsubscribeFromChannelRequest, context: Any
    ) -> pb.UnsubscribeFromChannelResponse:
        return await self._choices.unsubscribe(request)

    async def ResolvePreferredChannels(
        self, request: pb.ResolvePreferredChannelsRequest, context: Any
    ) -> pb.ResolvePreferredChannelsResponse:
        return await self._choices.preferred_channels(request)

    async def ListPreferenceHistory(
        self, request: pb.ListPreferenceHistoryRequest, context: Any
    ) -> pb.ListPreferenceHistoryResponse:
        return await self._choices.history(request)

    async def RevokeLinks(self, request: pb.RevokeLinksRequest, context: Any) -> pb.RevokeLinksResponse:
        return await self._choices.revoke_links(request)

    async def IssueUnsubscribeToken(
        self, request: pb.IssueUnsubscribeTokenRequest, context: Any
    ) -> pb.IssueUnsubscribeTokenResponse:
        return await self._preferences.issue(request)

    async def ResolveToken(self, request: pb.ResolveTokenRequest, context: Any) -> pb.ResolveTokenResponse:
        return await self._tokens.resolve(request)

    async def RequestFreshLink(
        self, request: pb.RequestFreshLinkRequest, context: Any
    ) -> pb.RequestFreshLinkResponse:
        return await self._fresh_links.request(request)

    async def GetFreshLink(self, request: pb.GetFreshLinkRequest, context: Any) -> pb.GetFreshLinkResponse:
        return await self._fresh_links.get(request)

    async def Unsubscribe(self, request: pb.UnsubscribeRequest, context: Any) -> pb.UnsubscribeResponse:
        return await self._preferences.unsubscribe(request)

    async def UpdatePreferencesByToken(
        self, request: pb.UpdatePreferencesByTokenRequest, context: Any
    ) -> pb.UpdatePreferencesByTokenResponse:
        return await self._preferences.update_by_token(request)
