from __future__ import annotations

from uuid import uuid4

import pytest

from services.common.errors import ServiceError
from services.common.rpc import context
from services.common.rpc.context import Caller, bind


def test_outside_any_call_there_is_no_caller() -> None:
    assert context.maybe_caller() is None
    with pytest.raises(ServiceError) as caught:
        context.current_caller()
    assert caught.value.reason == "UNAUTHENTICATED"
    assert (context.request_id(), context.correlation_id()) == ("", "")


def test_a_bound_caller_is_current_inside_its_block_only() -> None:
    outer, inner = Caller.of_service("a", uuid4()), Caller.of_service("b", uuid4())
    with bind(outer, request_id="r-1"):
        with bind(inner, request_id="r-2", correlation_id="c-1"):
            assert context.current_caller() is inner
            assert (context.request_id(), context.correlation_id()) == ("r-2", "c-1")
        assert context.tenant() == outer.tenant_id
        assert (context.request_id(), context.correlation_id()) == ("r-1", "r-1")
    assert context.maybe_caller() is None


@pytest.mark.req("GEN-8", "API-25")
def test_a_request_may_name_only_the_callers_tenant() -> None:
    own = uuid4()
    with bind(Caller.of_service("a", own)):
        assert context.require_tenant("") == own
        assert context.require_tenant(str(own).upper()) == own
        with pytest.raises(ServiceError) as caught:
            context.require_tenant(str(uuid4()))
    assert caught.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("GEN-8")
def test_there_is_no_default_tenant() -> None:
    with bind(Caller.of_service("a")), pytest.raises(ServiceError) as caught:
        context.tenant()
    assert caught.value.reason == "PERMISSION_DENIED"
