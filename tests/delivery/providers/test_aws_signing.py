"""Signature Version 4: Amazon's published vectors, and whatever its own library signs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from services.delivery.providers.aws.connection import endpoint
from services.delivery.providers.aws.signing import Request, Signer, canonical_query

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
HOST = {"Host": "example.amazonaws.com"}


def signed(request: Request, service: str = "service", region: str = "us-east-1") -> str:
    headers = Signer(KEY, SECRET, region, service).sign(request, NOW)
    return headers["Authorization"]


@pytest.mark.parametrize(
    ("request_", "service", "names", "signature"),
    [
        (
            Request("GET", "/", {}, HOST, b""),
            "service",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            Request("GET", "/", {"Param2": "value2", "Param1": "value1"}, HOST, b""),
            "service",
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            Request("POST", "/", {}, HOST, b""),
            "service",
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            Request(
                "POST",
                "/",
                {},
                HOST | {"Content-Type": "application/x-www-form-urlencoded"},
                b"Param1=value1",
            ),
            "service",
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
        (
            Request(
                "GET",
                "/",
                {"Action": "ListUsers", "Version": "2010-05-08"},
                {
                    "Host": "iam.amazonaws.com",
                    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                },
                b"",
            ),
            "iam",
            "content-type;host;x-amz-date",
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        ),
    ],
)
def test_published_vectors_hold(request_: Request, service: str, names: str, signature: str) -> None:
    assert signed(request_, service) == (
        f"AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/{service}/aws4_request,"
        f" SignedHeaders={names}, Signature={signature}"
    )


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["GET", "POST"]),
    st.lists(st.sampled_from(["v2", "email", "news%40acme.example", "a~b", "x%20y"]), max_size=4),
    st.dictionaries(VALUES.filter(bool), VALUES, max_size=4),
    st.dictionaries(
        st.sampled_from(["Content-Type", "X-Amz-Target", "X-Spaces"]),
        st.sampled_from(["application/json", "a  b   c", " led and trailed ", "x"]),
        max_size=3,
    ),
    st.binary(max_size=200),
    st.sampled_from(["eu-central-1", "us-gov-west-1", "cn-north-1"]),
)
def test_whatever_is_sent_is_signed_as_by_amazons_own_library(
    method: str,
    words: list[str],
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
    region: str,
) -> None:
    path = "/" + "/".join(words)
    ours = Signer(KEY, SECRET, region, "ses").sign(Request(method, path, query, HOST | headers, body), NOW)
    url = f"https://{HOST['Host']}{path}" + (f"?{canonical_query(query)}" if query else "")
    theirs = AWSRequest(method=method, url=url, data=body, headers=headers)
    theirs.context["timestamp"] = "20150830T123600Z"
    oracle: Any = SigV4Auth(Credentials(KEY, SECRET), "ses", region)
    theirs.headers["X-Amz-Date"] = "20150830T123600Z"
    said = oracle.string_to_sign(theirs, oracle.canonical_request(theirs))
    assert ours["Authorization"].endswith(f"Signature={oracle.signature(said, theirs)}")


def test_each_region_has_its_own_address() -> None:
    assert endpoint("email", "eu-central-1") == "https://email.eu-central-1.amazonaws.com"
    assert endpoint("sns", "cn-north-1") == "https://sns.cn-north-1.amazonaws.com.cn"
