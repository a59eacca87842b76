"""The ways in which Magento says no: a JSON error, or a page of plain text when PHP itself broke down.

MagentoError          a service refused (400, 401, 404, 500): {"message", "parameters", "errors"}
+-- NotFound          404, the entity or the route does not exist
+-- Unauthorized      401, the caller may not use the resource
ApplicationCrash      500 text/plain: a PHP TypeError, outside Magento's own error handling
"""

from collections.abc import Mapping, Sequence
from typing import Any

CRASH_TEXT = "An error has happened during application run. See exception log for details.\n"

Parameters = Mapping[str, Any] | Sequence[Any]


class MagentoError(Exception):
    """A refusal that reaches the caller as JSON (or XML); the message keeps its %1 and %field placeholders."""

    status = 400

    def __init__(
        self,
        message: str,
        parameters: Parameters | None = None,
        status: int | None = None,
        errors: Sequence["MagentoError"] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.parameters = parameters
        self.errors = list(errors)
        if status is not None:
            self.status = status

    def body(self) -> dict[str, Any]:
        """The answer's body; `parameters` and `errors` are left out when empty, but not those of the single errors."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors:
            body["errors"] = [{"message": error.message, "parameters": error.parameters or []} for error in self.errors]
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class NotFound(MagentoError):
    """The entity that was asked for does not exist."""

    status = 404


class Unauthorized(MagentoError):
    """The caller is unknown, or may not use this resource."""

    status = 401


class ApplicationCrash(Exception):
    """PHP broke down before Magento could build an answer: 500 in plain text."""


def required(names: Sequence[str]) -> MagentoError:
    """The error for one or several missing parameters."""
    single = [MagentoError('"%fieldName" is required. Enter and try again.', {"fieldName": name}) for name in names]
    if len(single) == 1:
        return single[0]
    return MagentoError("One or more input exceptions have occurred.", errors=single)


def filled_in(message: str, parameters: Parameters | None) -> str:
    """The message with its placeholders replaced, as the bulk consumer stores it."""
    if not parameters:
        return message
    pairs = parameters.items() if isinstance(parameters, Mapping) else enumerate(parameters, 1)
    # Longest name first, so that %1 does not eat the start of %10.
    for name, value in sorted(pairs, key=lambda pair: -len(str(pair[0]))):
        message = message.replace(f"%{name}", str(value))
    return message
