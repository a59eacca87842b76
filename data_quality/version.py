"""The version of the rules: what it says changes with anything that could make another judgement of the same data."""

import hashlib
import json
from functools import cache
from importlib import metadata
from pathlib import Path

from data_quality.facts import Facts


def rules_version(facts: Facts) -> str:
    """12 hexadecimal digits of what the rules are and how they are set.

    Waivers are no part of it: each is a decision about one record, and leaves the rules as they are.
    """
    set_ = [facts.languages, facts.settings, facts.lists, facts.weights, facts.assortment.categories, facts.properties]
    text = json.dumps(set_, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.blake2b(f"{_rules()} {text}".encode(), digest_size=6).hexdigest()


@cache
def _rules() -> str:
    """What stands for the rules themselves: Koppel's version, and the text of the rules' modules."""
    digest = hashlib.blake2b(metadata.version("koppel").encode(), digest_size=8)
    for file in sorted((Path(__file__).parent / "rules").glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
