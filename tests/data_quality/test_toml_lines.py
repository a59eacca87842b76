"""lines_of: where each setting of a TOML file stands, whatever stands between."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from data_quality.toml_lines import line_at, lines_of

TEXT = '''# a heading in a comment: [rules.no]
[rules]

[rules."a.b"]           # ] "
list = ["x = 1", # [no]
  'y]',
  "z"]
after = { inner = 1 }
text = """
no = 1
[no]
"""
"quoted key" = 2
dotted . "name" = 3

[[waivers]]
rule = "one"
[[waivers]]
rule = "two"
'''


def test_finds_headings_settings_and_entries() -> None:
    lines = lines_of(TEXT)
    assert lines == {
        ("rules",): 2,
        ("rules", "a.b"): 4,
        ("rules", "a.b", "list"): 5,
        ("rules", "a.b", "after"): 8,
        ("rules", "a.b", "text"): 9,
        ("rules", "a.b", "quoted key"): 13,
        ("rules", "a.b", "dotted", "name"): 14,
        ("waivers", 0): 16,
        ("waivers", 0, "rule"): 17,
        ("waivers", 1): 18,
        ("waivers", 1, "rule"): 19,
    }


def test_what_has_no_line_of_its_own_has_that_of_what_is_around_it() -> None:
    assert line_at(lines_of(TEXT), ("rules", "a.b", "after", "inner")) == 8
    assert line_at(lines_of(TEXT), ("nowhere",)) == 1


@given(st.lists(st.text(alphabet="ab\"'#[]{}=\\\n ,.é", max_size=20), min_size=1, max_size=6))
def test_no_value_misleads_it(values: list[str]) -> None:
    text = "[s]\n"
    expected = {("s",): 1}
    for number, value in enumerate(values):
        quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        expected["s", f"k{number}"] = text.count("\n") + 1
        text += f"k{number} = [{quoted},  # {value.splitlines()[:1]}\n {quoted}]\n"
    assert list(tomllib.loads(text)["s"].values()) == [[value, value] for value in values]
    assert lines_of(text) == expected
