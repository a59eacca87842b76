"""``python -m sandbox erp --url URL --media DIR``: makes the sandbox ERP, or lets a working day pass in it."""

import argparse
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.erp.database import build, change


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the subcommand."""
    parser.add_argument("--url", required=True, help="postgresql://... of a database whose tables may be replaced")
    parser.add_argument("--media", type=Path, required=True, help="folder for the photos")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--products", type=int, default=1200)
    parser.add_argument(
        "--today", action="store_true", help="let the ERP's clock stand at this moment, not at a fixed day"
    )
    parser.add_argument(
        "--change", type=float, metavar="SHARE", help="change this share of the products instead (0.02)"
    )


def run(options: argparse.Namespace) -> int:
    """Do what the options say, and tell what happened."""
    if options.change is not None:
        for what, numbers in change(options.url, options.seed, options.change).items():
            sys.stdout.write(f"{what}: {len(numbers)}\n")
        return 0
    now = datetime.now(ZoneInfo("Europe/Brussels")).replace(tzinfo=None, microsecond=0) if options.today else None
    build(options.url, options.media, options.seed, options.products, now=now)
    sys.stdout.write(f"sandbox erp: {options.products} products, photos in {options.media}\n")
    return 0
