"""Holds every exchange with a shop against Adobe's own schema: unknown members, missing ones and wrong types are violations."""

import functools
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import requests
import yaml

SPECS = Path(__file__).resolve().parents[2].parent / "shared" / "specs" / "magento"
REST = re.compile(r"^/rest(?:/(?P<store>(?!V1|async)[a-z0-9_]+))?(?P<bulk>/async/bulk)?(?P<route>/V1/.*)$")
ANYTHING: dict[str, Any] = {}
# Adobe's own error-response knows only objects as parameters; every recorded shop also answers a plain list ("%1").
ERROR = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
# By the schema a stock item is sent whole; the recorded shop takes any part of it and keeps the rest (inventory-03).
SENT_IN_PART = ("catalog-inventory-data-stock-item-interface",)


def schema_file(version: str = "2.4.8") -> Path:
    """Where Adobe's schema of a version lies, whether or not it is there."""
    return SPECS / f"admin-schema-{version}.yaml"


class MagentoSchema:
    """Adobe's Swagger 2.0 document made strict. Requests allow no member that it lacks; a real shop answers those with an error.

    Answers are as strict about unknown members and types, but a real shop (see the transcripts) also answers null for what
    is not set, an empty list for an empty object, and leaves out what ``fields=`` does not ask for.
    """

    def __init__(self, path: Path) -> None:
        document = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        self._paths: dict[str, dict[str, Any]] = document["paths"]
        self._requests = {name: _strict(schema, is_answer=False) for name, schema in document["definitions"].items()}
        self._answers = {name: _strict(schema, is_answer=True) for name, schema in document["definitions"].items()}
        self._answers["error-response"] = ERROR
        for name in SENT_IN_PART:
            self._requests[name] = {**self._requests[name], "required": []}
        self._routes = [(re.compile("^" + re.sub(r"\{[^/]+\}", "[^/]+", route) + "$"), route) for route in self._paths]
        self._bulk_answer = json.loads((SPECS / "async-bulk.json").read_text("utf-8"))["response"]["schema"]

    def request_violations(self, method: str, path: str, body: Any) -> list[str]:
        """What is wrong with a request: an unknown route, or members and types of its body."""
        found = REST.match(path)
        operation = self._operation(method, found["route"]) if found else None
        if found is None or operation is None:
            return [f"{method} {path}: no such route"]
        wanted = next((p["schema"] for p in operation.get("parameters", []) if p["in"] == "body"), None)
        if wanted is None:
            return [] if body is None else [f"{method} {path}: takes no body"]
        schema = _strict(wanted, is_answer=False)
        if found["bulk"]:
            schema = {"type": "array", "items": schema}
        return [f"{method} {path}: {line}" for line in self._check(schema, body, self._requests)]

    def answer_violations(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer, for the statuses that the schema describes."""
        found = REST.match(path)
        operation = self._operation(method, found["route"]) if found else None
        if found is None or operation is None or status >= 500:
            return []
        if found["bulk"] and status == 202:
            return [f"{method} {path}: {line}" for line in self._check(self._bulk_answer, body, {})]
        answers = operation["responses"]
        wanted = answers.get(str(status), answers.get("default", {})).get("schema")
        if wanted is None:
            return []
        return [
            f"{method} {path} {status}: {line}"
            for line in self._check(_strict(wanted, is_answer=True), body, self._answers)
        ]

    def _operation(self, method: str, route: str) -> dict[str, Any] | None:
        matching = [
            known for pattern, known in self._routes if pattern.match(route) and method.lower() in self._paths[known]
        ]
        exact = sorted(matching, key=lambda known: known.count("{"))
        return self._paths[exact[0]][method.lower()] if exact else None

    @staticmethod
    def _check(schema: dict[str, Any], value: Any, definitions: dict[str, Any]) -> list[str]:
        validator = jsonschema.Draft7Validator({"allOf": [schema], "definitions": definitions})
        errors = validator.iter_errors(value)
        return [f"{'/'.join(map(str, error.absolute_path)) or '(body)'}: {error.message[:200]}" for error in errors]


class Recorder:
    """Watches a session of requests; ``violations`` grows with every exchange that Adobe's schema does not allow."""

    def __init__(self, schema: MagentoSchema) -> None:
        self._schema = schema
        self.exchanges: list[tuple[str, str, int]] = []
        self.violations: list[str] = []

    def watch(self, session: requests.Session) -> None:
        """Check every exchange of this session from now on."""
        session.hooks["response"].append(self._seen)

    def _seen(self, response: requests.Response, **_: Any) -> None:
        method, address = str(response.request.method), urlsplit(str(response.request.url))
        self.exchanges.append((method, address.path, response.status_code))
        sent = response.request.body
        self.violations += self._schema.request_violations(method, address.path, json.loads(sent) if sent else None)
        try:
            body = response.json()
        except ValueError:
            return  # not JSON: what the loader makes of that is tested elsewhere
        if "fields" not in dict(parse_qsl(address.query)) or body:
            self.violations += self._schema.answer_violations(method, address.path, response.status_code, body)


@functools.cache
def schema() -> MagentoSchema | None:
    """Adobe's schema, read once; None where the shared folder is missing."""
    return MagentoSchema(schema_file()) if schema_file().exists() else None


def _strict(schema: dict[str, Any], *, is_answer: bool) -> dict[str, Any]:
    """A Swagger schema as a JSON schema that allows no unknown member."""
    if "$ref" in schema:
        reference = {"$ref": schema["$ref"]}
        return {"anyOf": [reference, {"type": "null"}, {"type": "array", "maxItems": 0}]} if is_answer else reference
    strict: dict[str, Any] = {"type": schema["type"]} if "type" in schema else {}
    if "items" in schema:
        strict["items"] = _strict(schema["items"], is_answer=is_answer)
    if "properties" in schema:
        members = {name: _strict(member, is_answer=is_answer) for name, member in schema["properties"].items()}
        if {"attribute_code", "value"} == set(members):
            members["value"] = ANYTHING if is_answer else {"type": ["string", "integer", "number", "array"]}
        strict |= {"properties": members, "additionalProperties": False}
        if not is_answer:
            strict["required"] = schema.get("required", [])
    if is_answer and strict.get("type") in {"integer", "number"}:
        return {"anyOf": [{"type": [strict["type"], "null"]}, {"type": "string", "pattern": "^-?[0-9.]+$"}]}
    if is_answer and "type" in strict:
        strict["type"] = [strict["type"], "null"]
    return {name: value for name, value in strict.items() if value != []}
