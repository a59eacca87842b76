"""Controls and windows of the stand-in, outside /rest; a real shop has none of these.

GET  /_sandbox/log       every request and every queue operation, with what it created, updated or deleted
GET  /_sandbox/content   the shop's content without ids and times, for comparing two shops
GET  /_sandbox/settings  the switches of `state.Settings`; POST changes some, as JSON: {"input_limiting": true},
                         {"rejected_skus": [...]} (refused in the 202 of a bulk), {"deadlock_skus": [...]} (status 2, once)
POST /_sandbox/consumer  {"do": "run" | "pause" | "resume" | "step"}
POST /_sandbox/reindex   the indexers run once
POST /_sandbox/reset     back to the fresh shop
"""

import dataclasses
import json
from typing import Any

from sandbox.magento import consumer, content, price_index, source_items
from sandbox.magento.routing import PageRequest, Response, page


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, "application/json", json.dumps(value, default=str).encode())


def sent(request: PageRequest) -> dict[str, Any]:
    """The JSON object of the body; empty when there is none."""
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


@page("GET", "/_sandbox/log")
def log(request: PageRequest) -> Response:
    """The shop's own log, oldest first; `since` skips the first entries."""
    since = str(request.query.get("since", ""))
    skip = int(since) if since.isdigit() else 0
    return answer(list(request.context.state.table("log"))[skip:])


@page("GET", "/_sandbox/content")
def shop_content(request: PageRequest) -> Response:
    """What two equal shops have in common."""
    return answer(content.canonical(request.context.state))


@page("POST", "/_sandbox/reset")
def reset(request: PageRequest) -> Response:
    """Forget everything."""
    request.context.state.reset()
    return answer({"reset": True})


@page("GET", "/_sandbox/settings")
def settings(request: PageRequest) -> Response:
    """All switches."""
    return answer(dataclasses.asdict(request.context.state.settings))


@page("POST", "/_sandbox/settings")
def change_settings(request: PageRequest) -> Response:
    """Change some switches."""
    current, changes = request.context.state.settings, sent(request)
    unknown = sorted(set(changes) - {field.name for field in dataclasses.fields(current)})
    if unknown:
        return answer({"error": f"unknown settings: {', '.join(unknown)}"}, 400)
    for name, value in changes.items():
        setattr(current, name, value)
    return settings(request)


@page("POST", "/_sandbox/consumer")
def control_consumer(request: PageRequest) -> Response:
    """Work the queue off now, one step of it, or stop and start the background consumer."""
    state, action = request.context.state, sent(request).get("do", "run")
    if action not in ("run", "step", "pause", "resume"):
        return answer({"error": "do is one of run, step, pause, resume"}, 400)
    done = consumer.run_all(state) if action == "run" else int(consumer.step(state)) if action == "step" else 0
    if action in ("pause", "resume"):
        state.settings.consumer_running = action == "resume"
    return answer({"done": done, "waiting": len(state.table("queue")), "running": state.settings.consumer_running})


@page("POST", "/_sandbox/reindex")
def reindex(request: PageRequest) -> Response:
    """Bring the indexes up to date."""
    state = request.context.state
    with state.database.transaction():
        source_items.reindex(state)
        price_index.rebuild(state)
    return answer({"reindexed": True})
