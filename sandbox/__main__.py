"""Starts a stand-in: `python -m sandbox magento --port N [--state FILE] [--host 127.0.0.1]`, or another system (see --help)."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from sandbox.erp import command as erp
from sandbox.erp import till
from sandbox.magento.app import build
from sandbox.magento.credentials import Credentials
from sandbox.magento.state import Settings, State


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Start a stand-in for an outside system.")
    systems = parser.add_subparsers(dest="system", required=True)
    magento = systems.add_parser("magento", help="a Magento 2.4.4 shop: /rest, a storefront, /_sandbox controls")
    magento.add_argument("--port", type=int, default=8280)
    magento.add_argument("--host", default="127.0.0.1")
    magento.add_argument("--state", type=Path, help="a file that keeps the shop between starts (default: in memory)")
    known = Credentials()
    for name in ("username", "password", "consumer-key", "consumer-secret", "access-token", "access-token-secret"):
        magento.add_argument(f"--{name}", default=getattr(known, name.replace("-", "_")))
    magento.add_argument("--input-limiting", action="store_true", help="refuse long lists and large pages")
    magento.add_argument("--integration-bearer", action="store_true", help="accept the access token as Bearer")
    magento.add_argument("--consumer-off", action="store_true", help="leave queued operations open")
    erp.add_arguments(systems.add_parser("erp", help="a retailer's ERP database in PostgreSQL, with photos"))
    till.add_arguments(systems.add_parser("till", help="the tills of four shops, which sell at random"))
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Serve until interrupted."""
    options = arguments(given)
    if options.system == "erp":
        return erp.run(options)
    if options.system == "till":
        return till.run(options)
    names = ("username", "password", "consumer_key", "consumer_secret", "access_token", "access_token_secret")
    settings = Settings(
        integration_bearer=options.integration_bearer,
        input_limiting=options.input_limiting,
        consumer_running=not options.consumer_off,
        base_url=f"http://{options.host}:{options.port}/",
    )
    state = State(options.state, settings, Credentials(**{name: getattr(options, name) for name in names}))
    sys.stdout.write(f"sandbox magento listens on {settings.base_url} (admin user {options.username})\n")
    sys.stdout.flush()
    uvicorn.run(build(state), host=options.host, port=options.port, log_level="warning", lifespan="on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
