"""Marketing e-mail comes from an address that an account vouches for (CAM-2)."""

import pytest

from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.delivery.v1.provider_service_pb2 import SenderVerification
from services.common.errors import ServiceError, unavailable
from tests.campaign.campaigns.conftest import Stage

LETTERS = "letters@bazaar.example"


def says(result: int, name: str = "main") -> SenderVerification:
    return SenderVerification(name=name, provider="sendgrid", result=result, detail="so it is")  # type: ignore[arg-type]


async def current(stage: Stage) -> pb.MarketingSettings:
    stub = stage.served.person(SettingsServiceStub)
    return (await stub.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings


async def refused(stage: Stage, **fields: str) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await stage.configure(**fields)
    return caught.value


@pytest.mark.req("CAM-2")
async def test_the_from_address_is_one_that_an_account_vouches_for_and_none_refuses(stage: Stage) -> None:
    verified, denied = (
        says(SenderVerification.RESULT_VERIFIED),
        says(SenderVerification.RESULT_REFUSED, "spare"),
    )
    stage.delivery.senders = [verified, denied]
    error = await refused(stage, email_from_address=LETTERS, footer_text="Bazaar")
    assert error.reason == "INVALID_CONFIGURATION"
    [violation] = error.violations
    assert violation.field == "settings.email_from_address"
    assert "spare: so it is" in violation.description
    # Nothing of a refused change is kept.
    assert (await current(stage)).footer_text == ""
    stage.delivery.senders = [verified, says(SenderVerification.RESULT_UNKNOWN, "spare")]
    await stage.configure(email_from_address=LETTERS)
    assert (await current(stage)).email_from_address == LETTERS


@pytest.mark.req("CAM-2")
async def test_when_nobody_can_be_asked_other_fields_still_change(stage: Stage) -> None:
    stage.delivery.senders = [says(SenderVerification.RESULT_UNKNOWN)]
    error = await refused(stage, email_from_address=LETTERS)
    assert (error.reason, error.metadata["field"]) == (
        "DEPENDENCY_UNAVAILABLE",
        "settings.email_from_address",
    )
    stage.delivery.error = unavailable("database")
    error = await refused(stage, email_from_address=LETTERS)
    assert (error.reason, error.metadata["dependency"]) == ("DEPENDENCY_UNAVAILABLE", "delivery")
    await stage.configure(footer_text="Bazaar", email_from_name="Bazaar")
    # Naming what is named already asks nobody, nor does naming nothing.
    await stage.configure(email_from_address="", footer_text="Old bazaar")
    assert (await current(stage)).footer_text == "Old bazaar"


@pytest.mark.req("CAM-2")
async def test_a_tenant_whose_e_mail_no_account_carries_may_name_its_address_beforehand(stage: Stage) -> None:
    stage.delivery.senders = []
    await stage.configure(email_from_address=LETTERS)
    assert stage.delivery.asked_senders == [LETTERS]
    await stage.configure(email_from_address=LETTERS, footer_text="Bazaar")
    assert stage.delivery.asked_senders == [LETTERS]
