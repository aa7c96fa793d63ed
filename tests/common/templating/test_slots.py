from hypothesis import given
from hypothesis import strategies as st

from services.common.templating import Variable
from tests.common.templating.builders import FakeTrail, email

CONTENT = email(
    '<p>{{ name }}{% for i in items %}[{{ i }}]{% endfor %}</p><a href="https://s.example/">x</a><b>{{ name }}</b>',
    subject="{{ name }}: {{ points }}",
    text="{{ name }}, {{ points }}",
    variables=[Variable("name"), Variable("points"), Variable("items")],
    pixel=True,
)
VALUES = {"name": "<Ada>", "points": 3, "items": [1, "&"]}


def test_constants_and_slots_make_the_part() -> None:
    slots = CONTENT.render_slots(VALUES, FakeTrail())
    for part in CONTENT.parts.values():
        assert len(part.constants) == len(part.numbers) + 1
        joined = part.constants[0] + "".join(
            slots[number] + constant
            for number, constant in zip(part.numbers, part.constants[1:], strict=True)
        )
        assert joined == part.join(slots) == CONTENT.render(VALUES, FakeTrail())[part.name]


def test_shared_content_with_substitutions_is_the_rendered_content() -> None:
    slots = CONTENT.render_slots(VALUES, FakeTrail())
    for part in CONTENT.parts.values():
        shared = part.shared(lambda number: f"%{number}%")
        for number, value in enumerate(slots):
            shared = shared.replace(f"%{number}%", value)
        assert shared == part.join(slots)


def test_a_value_shown_twice_takes_one_slot() -> None:
    assert CONTENT.slot_count == len(CONTENT.render_slots(VALUES, FakeTrail()))
    assert len(set(CONTENT.parts["html"].numbers)) < len(CONTENT.parts["html"].numbers)


@given(st.text(), st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans()))
def test_no_value_escapes_its_part(name: str, points: object) -> None:
    name = name.replace("\n", "").replace("\r", "")
    subject_safe = "".join(
        character for character in name if character not in "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
    )
    shown = CONTENT.render({"name": subject_safe, "points": points, "items": []}, FakeTrail())
    assert "\n" not in shown["subject"]
    inside = shown["html"].split("<p>")[1].split("</p>")[0]
    assert not set("<>\"'") & set(inside)
    shown["html"].encode()
