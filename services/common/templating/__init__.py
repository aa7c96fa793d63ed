"""The content engine: what previews show, what activation checks and what is sent are rendered by the same code."""

from services.common.languages import choose_language, fallback_order, locale_of
from services.common.templating.budget import Budget, PartKind
from services.common.templating.compiler import Slots, Trail
from services.common.templating.content import (
    CompiledContent,
    CompiledPart,
    ContentSource,
    Options,
    PlainTrail,
    compile_content,
)
from services.common.templating.declarations import Usage, Variable, VariableType, sample_values
from services.common.templating.errors import (
    BudgetExceededError,
    MissingVariablesError,
    OutputTooLargeError,
    RenderError,
    RenderTimeoutError,
    TemplateError,
    TemplateInvalidError,
    TooManyIterationsError,
)
from services.common.templating.mailhtml import Link

__all__ = [
    "Budget",
    "BudgetExceededError",
    "CompiledContent",
    "CompiledPart",
    "ContentSource",
    "Link",
    "MissingVariablesError",
    "Options",
    "OutputTooLargeError",
    "PartKind",
    "PlainTrail",
    "RenderError",
    "RenderTimeoutError",
    "Slots",
    "TemplateError",
    "TemplateInvalidError",
    "TooManyIterationsError",
    "Trail",
    "Usage",
    "Variable",
    "VariableType",
    "choose_language",
    "compile_content",
    "fallback_order",
    "locale_of",
    "sample_values",
]
