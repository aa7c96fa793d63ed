import json
from pathlib import Path

import pytest

from services.common.templating.sms import GSM_BASIC, GSM_EXTENDED, count_sms


@pytest.mark.req("CAM-93")
@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", "GSM-7", 1), ("a" * 160, "GSM-7", 1), ("a" * 161, "GSM-7", 2), ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3), ("€" * 80, "GSM-7", 1), ("€" * 81, "GSM-7", 2), ("^{}\\[~]|" * 10, "GSM-7", 1),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3), ("ç", "UCS-2", 1), ("é" * 160, "GSM-7", 1), ("न" * 70, "UCS-2", 1),
        ("न" * 71, "UCS-2", 2), ("न" * 134, "UCS-2", 2), ("न" * 135, "UCS-2", 3), ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2), ("😀" * 66, "UCS-2", 2), ("😀" * 67, "UCS-2", 3), ("`", "UCS-2", 1),
    ],
)  # fmt: skip
def test_segments_follow_the_alphabets_of_the_networks(text: str, encoding: str, segments: int) -> None:
    count = count_sms(text)
    assert (count.encoding, count.segments) == (encoding, segments)


@pytest.mark.req("CAM-93", "DEL-88")
def test_segments_are_those_the_vendors_calculator_counts() -> None:
    # What sms-segments-calculator 1.3.0 of npm says of texts by hand and of texts drawn at random.
    vectors = json.loads(Path(__file__).with_name("sms_segments.json").read_text())
    assert len(vectors) > 80
    for vector in vectors:
        count = count_sms(vector["text"])
        assert (count.encoding, count.segments) == (vector["encoding"], vector["segments"]), vector["text"]


def test_units_count_extension_characters_and_surrogates_twice() -> None:
    assert count_sms("a€").units == 3
    assert count_sms("😀a").units == 3
    assert count_sms("😀a").characters == 2


def test_the_alphabet_has_its_128_places() -> None:
    assert len(GSM_BASIC) == 127  # the 128th is the escape to the extension table
    assert len(GSM_EXTENDED) == 10
