"""The examples of docs/sources.md are read by the code that they explain."""

import re
import textwrap
from pathlib import Path

from extractors.mapping import read_mappings
from extractors.queries import parse_query

DOCS = Path(__file__).parents[2] / "docs/sources.md"


def test_the_mapping_examples_are_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"(?:^    .*\n)+", DOCS.read_text("utf-8"), re.MULTILINE)
    text = "\n".join(textwrap.dedent(block) for block in blocks if "[product" in block)
    (tmp_path / "excel.toml").write_text(text[text.index("# excel.toml") :], "utf-8")
    found = {mapping.entity.name: mapping for mapping in read_mappings(tmp_path / "excel.toml")}
    assert set(found) == {"product", "product_text"}
    assert found["product"].fields[3].decimal == "point"
    assert set(found["product_text"].languages) == {"nl", "fr"}


def test_the_parameters_are_named_as_they_are_known() -> None:
    named = set(re.findall(r"`:(\w+)`", DOCS.read_text("utf-8")))
    assert named == {"since", "until", "keys", "all_keys"}
    query = parse_query(DOCS, "select 1 where (:all_keys or sku in :keys) and datetime(changed) >= :since -- :until\n")
    assert query.used == {"all_keys", "keys", "since"}
