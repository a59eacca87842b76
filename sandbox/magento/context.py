"""What a handler is given: who asks for what, in which store view, with which checked inputs."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.magento.state import State

ADMIN_STORE_ID = 0


@dataclass(frozen=True)
class Caller:
    """Who sent the request: nobody, an admin user (type 2) or an integration (type 1)."""

    kind: str = "anonymous"
    id: int = 0

    @property
    def user_type(self) -> int | None:
        """Magento's number for the kind of caller."""
        return {"integration": 1, "admin": 2, "customer": 3, "anonymous": 4}.get(self.kind)


@dataclass
class Context:
    """One call of a service method, over HTTP or from the queue."""

    state: State
    store_id: int = ADMIN_STORE_ID
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    inputs: dict[str, Any] = field(default_factory=dict)
    caller: Caller = field(default_factory=Caller)
    effects: list[dict[str, Any]] = field(default_factory=list)

    def effect(self, kind: str, key: str, entity: str = "product") -> None:
        """Note what the call did (created, updated, deleted), for the sandbox's log."""
        self.effects.append({"effect": kind, "entity": entity, "key": key})

    @property
    def website_id(self) -> int:
        """The website of the store view; 0 for `all`."""
        store = self.state.table("stores").get(self.store_id)
        return int(store["website_id"]) if store else 0
