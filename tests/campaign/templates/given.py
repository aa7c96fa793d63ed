"""Templates as their authors write them."""

from typing import Any

from google.protobuf.struct_pb2 import Value

from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from angarium.common.v1 import enums_pb2
from tests.house import Served

HTML = "<p>Hello {{ default(contact.first_name, 'friend') }}, {{ product }} is here.</p><p><a href='https://example.com/shop'>Look</a></p>"


def variable(name: str, *, sample: Any = "tea", required: bool = True, kind: int = 1) -> pb.TemplateVariable:
    made = pb.TemplateVariable(name=name, type=kind, is_required=required)
    if sample is not None:
        made.sample_value.CopyFrom(Value(string_value=sample))
    return made


def content(language: str = "en", **changes: str) -> pb.TemplateContent:
    fields = {"subject": "News of {{ product }}", "body_html": HTML, **changes}
    return pb.TemplateContent(language_code=language, **fields)


def version(*contents: pb.TemplateContent, variables: Any = None) -> pb.TemplateVersion:
    return pb.TemplateVersion(
        fallback_language_code="en",
        contents=contents or [content()],
        variables=[variable("product")] if variables is None else variables,
    )


def template(name: str = "spring", **changes: Any) -> pb.Template:
    fields = {
        "channel": enums_pb2.CHANNEL_EMAIL,
        "template_type": pb.TEMPLATE_TYPE_PROMOTIONAL,
        "category": enums_pb2.CATEGORY_NEWSLETTER,
        **changes,
    }
    return pb.Template(name=name, **fields)


async def active_template(served: Served, name: str = "spring", **changes: Any) -> pb.Template:
    """Makes a template with an active version."""
    stub = served.person(TemplateServiceStub)
    drafted = changes.pop("version", None) or version()
    made = await stub.CreateTemplate(
        pb.CreateTemplateRequest(template=template(name, **changes), version=drafted)
    )
    done = await stub.ActivateTemplateVersion(
        pb.ActivateTemplateVersionRequest(template_id=made.template.template_id, version=1)
    )
    return done.template
