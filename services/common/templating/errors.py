"""What can be wrong with a template or with rendering it; every error names its reason."""

from collections.abc import Sequence


class TemplateError(Exception):
    """Anything that stops a template from being accepted or rendered."""

    reason: str = "TEMPLATE_RENDER_FAILED"


class TemplateInvalidError(TemplateError):
    """The source uses something outside the template language, or cannot be parsed."""

    reason = "TEMPLATE_INVALID"

    def __init__(self, message: str, *, part: str = "", line: int = 0) -> None:
        self.message, self.part, self.line = message, part, line
        where = f"{part or 'template'}, line {line}: " if line else f"{part}: " if part else ""
        super().__init__(where + message)


class MissingVariablesError(TemplateError):
    """Required variables have no value; `names` lists them all."""

    reason = "MISSING_VARIABLES"

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        super().__init__("missing variables: " + ", ".join(self.names))


class RenderError(TemplateError):
    """A value cannot be shown where the template uses it."""

    reason = "TEMPLATE_RENDER_FAILED"


class BudgetExceededError(RenderError):
    """Rendering would pass one of its budgets (`budget` is iterations, output or time)."""

    budget = ""


class TooManyIterationsError(BudgetExceededError):
    """The loops of a template turned more often than allowed."""

    budget = "iterations"


class OutputTooLargeError(BudgetExceededError):
    """A rendered part is larger than its channel allows."""

    budget = "output"


class RenderTimeoutError(BudgetExceededError):
    """Rendering took longer than its wall-time budget."""

    budget = "time"
