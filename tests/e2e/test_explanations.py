"""Why a message went or did not, told by the real services."""

from __future__ import annotations

import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import explain_service_pb2 as pb
from angarium.delivery.v1.explain_service_pb2_grpc import ExplainServiceStub
from cli.commands.explain import sentences
from tests.e2e.city import STATE, City


@pytest.mark.req("DEL-126", "CON-86")
async def test_a_text_that_went_and_one_that_a_stop_refused_are_explained_by_what_consent_saw(
    city: City,
) -> None:
    number = "+12025550102"
    first = await city.send(number)
    await city.until([("sms-help", "delivered", "", ""), ("sms-stopped", "delivered", "", "")])
    second = await city.send(number)
    assert second.state == STATE.STATE_SKIPPED
    explain = city.cast.ada.channels.stub(ExplainServiceStub, "delivery")
    went = await explain.ExplainSend(pb.ExplainSendRequest(message_id=first.message_id))
    (decision,) = went.decisions
    by_check = {gate.check: gate for gate in decision.gates}
    assert {gate.outcome for gate in decision.gates} == {pb.GATE_OUTCOME_PASSED}
    assert by_check["suppression"].fact == "no entry"
    assert by_check["provider"].fact == "twilio took it"
    assert all(gate.fact for gate in decision.gates)
    refused = await explain.ExplainSend(pb.ExplainSendRequest(message_id=second.message_id))
    (decision,) = refused.decisions
    assert (decision.moment, decision.reason) == (pb.SendDecision.MOMENT_ACCEPTANCE, "suppressed")
    (stopped,) = [gate for gate in decision.gates if gate.outcome == pb.GATE_OUTCOME_REFUSED]
    assert (stopped.check, stopped.fact) == ("suppression", "scope all: sms_stop")
    told = "\n".join(sentences(refused))
    assert "the suppression list stopped it[/]: scope all: sms_stop" in told
    assert number not in told
    asked = pb.WhatIf(address=number, channel=enums_pb2.CHANNEL_SMS, category=enums_pb2.CATEGORY_ORDER)
    forecast = await explain.ExplainSend(pb.ExplainSendRequest(what_if=asked))
    assert forecast.decisions[0].reason == "suppressed"
