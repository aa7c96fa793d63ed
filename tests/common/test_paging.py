from __future__ import annotations

from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1 import audit_pb2
from services.common.errors import ServiceError
from services.common.masks import apply_mask
from services.common.paging import PageToken, page_size, parameters_hash
from services.common.rpc.context import Caller, bind

REQUEST = audit_pb2.ListAuditEntriesRequest(actor="a", action="campaign.approve", page_size=10)


@pytest.mark.req("GEN-26")
@given(st.lists(st.text(max_size=40), max_size=4))
def test_a_token_brings_back_the_key_it_was_made_of(key: list[str]) -> None:
    parameters = parameters_hash(REQUEST)
    token = PageToken.encode(key, parameters)
    assert token.isascii()
    assert PageToken.decode(token, parameters) == tuple(key)


def test_no_token_is_the_first_page() -> None:
    assert PageToken.decode("", parameters_hash(REQUEST)) is None


@pytest.mark.req("GEN-26")
def test_a_token_is_bound_to_filter_tenant_and_kind_of_list() -> None:
    own = parameters_hash(REQUEST)
    token = PageToken.encode(["x"], own)
    other_filter = audit_pb2.ListAuditEntriesRequest(actor="b", action="campaign.approve")
    other_kind = audit_pb2.ListAuditEntriesResponse()
    hashes = [parameters_hash(other_filter), parameters_hash(other_kind)]
    with bind(Caller.of_service("x", uuid4())):
        hashes.append(parameters_hash(REQUEST))
    for parameters in hashes:
        with pytest.raises(ServiceError) as caught:
            PageToken.decode(token, parameters)
        assert caught.value.violations[0].field == "page_token"


def test_page_size_and_token_are_not_part_of_the_filter() -> None:
    again = audit_pb2.ListAuditEntriesRequest()
    again.CopyFrom(REQUEST)
    again.page_size, again.page_token = 99, "x"
    assert parameters_hash(again) == parameters_hash(REQUEST)
    again.actor = "b"
    assert parameters_hash(again) != parameters_hash(REQUEST)
    assert parameters_hash(again, apart_from=["actor"]) == parameters_hash(REQUEST, apart_from=["actor"])


@given(st.text(max_size=200))
def test_a_token_of_ours_is_the_only_one_that_passes(text: str) -> None:
    if text:
        with pytest.raises(ServiceError):
            PageToken.decode(text, parameters_hash(REQUEST))


def test_a_key_of_another_length_is_refused() -> None:
    parameters = parameters_hash(REQUEST)
    token = PageToken.encode(["a", "b"], parameters)
    assert PageToken.decode(token, parameters, length=2) == ("a", "b")
    with pytest.raises(ServiceError):
        PageToken.decode(token, parameters, length=1)


@pytest.mark.req("GEN-26")
@pytest.mark.parametrize(("requested", "size"), [(0, 50), (1, 1), (200, 200), (201, 200)])
def test_page_sizes(requested: int, size: int) -> None:
    assert page_size(requested) == size


def test_a_negative_page_size_is_refused() -> None:
    with pytest.raises(ServiceError) as caught:
        page_size(-1)
    assert caught.value.violations[0].field == "page_size"


ALLOWED = {"name": "name", "quiet_hours.start": "quiet_start"}


@pytest.mark.req("GEN-27")
def test_a_mask_gives_its_paths_once_and_in_order() -> None:
    mask = FieldMask(paths=["quiet_hours.start", "name", "name"])
    assert apply_mask(mask, ALLOWED) == ["quiet_hours.start", "name"]


@pytest.mark.req("GEN-27")
@pytest.mark.parametrize("mask", [None, FieldMask(), FieldMask(paths=["*"]), FieldMask(paths=["name", "id"])])
def test_an_absent_mask_and_an_unknown_path_are_refused(mask: FieldMask | None) -> None:
    with pytest.raises(ServiceError) as caught:
        apply_mask(mask, ALLOWED)
    assert {violation.field for violation in caught.value.violations} == {"update_mask"}
    assert caught.value.code == "MARKETING_063"
