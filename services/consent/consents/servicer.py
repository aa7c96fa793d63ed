"""ConsentService."""

from collections.abc import AsyncIterator
from typing import Any

from angarium.consent.v1 import consent_service_pb2 as pb
from angarium.consent.v1 import consent_service_pb2_grpc
from services.consent.consents.confirm_handlers import ConfirmCalls
from services.consent.consents.contact_consent import ContactConsents
from services.consent.consents.handlers import Consents
from services.consent.consents.inbound import InboundTexts


class ConsentServicer(consent_service_pb2_grpc.ConsentServiceServicer):
    """Records, withdraws and proves consent."""

    def __init__(
        self, consents: Consents, confirming: ConfirmCalls, contacts: ContactConsents, texts: InboundTexts
    ) -> None:
        self._consents = consents
        self._confirming = confirming
        self._contacts = contacts
        self._texts = texts

    async def GrantConsent(self, request: pb.GrantConsentRequest, context: Any) -> pb.GrantConsentResponse:
        return await self._consents.grant(request)

    async def RevokeConsent(self, request: pb.RevokeConsentRequest, context: Any) -> pb.RevokeConsentResponse:
        return await self._consents.revoke(request)

    async def CheckConsent(self, request: pb.CheckConsentRequest, context: Any) -> pb.CheckConsentResponse:
        return await self._consents.check(request)

    async def ListConsents(self, request: pb.ListConsentsRequest, context: Any) -> pb.ListConsentsResponse:
        return await self._consents.page(request)

    async def OptOut(self, request: pb.OptOutRequest, context: Any) -> pb.OptOutResponse:
        return await self._consents.opt_out(request)

    async def ConfirmConsent(
        self, request: pb.ConfirmConsentRequest, context: Any
    ) -> pb.ConfirmConsentResponse:
        return await self._confirming.confirm(request)

    async def ResendConsentConfirmation(
        self, request: pb.ResendConsentConfirmationRequest, context: Any
    ) -> pb.ResendConsentConfirmationResponse:
        return await self._confirming.ask_again(request)

    async def GetConfirmationLink(
        self, request: pb.GetConfirmationLinkRequest, context: Any
    ) -> pb.GetConfirmationLinkResponse:
        return await self._confirming.link(request)

    async def GetContactConsent(
        self, request: pb.GetContactConsentRequest, context: Any
    ) -> pb.GetContactConsentResponse:
        return await self._contacts.get(request)

    async def UpdateContactConsent(
        self, request: pb.UpdateContactConsentRequest, context: Any
    ) -> pb.UpdateContactConsentResponse:
        return await self._contacts.update(request)

    async def CancelOptOut(self, request: pb.CancelOptOutRequest, context: Any) -> pb.CancelOptOutResponse:
        return await self._contacts.cancel_opt_out(request)

    async def HandleInboundText(
        self, request: pb.HandleInboundTextRequest, context: Any
    ) -> pb.HandleInboundTextResponse:
        return await self._texts.handle(request)

    async def ListConsentAudit(
        self, request: pb.ListConsentAuditRequest, context: Any
    ) -> pb.ListConsentAuditResponse:
        return await self._consents.audit_page(request)

    async def ImportConsents(
        self, request_iterator: AsyncIterator[pb.ImportConsentsRequest], context: Any
    ) -> AsyncIterator[pb.ImportConsentsResponse]:
        async for request in request_iterator:
            yield await self._consents.import_block(request)
