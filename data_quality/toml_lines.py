"""On which line of a TOML file a setting stands: the standard library's reader does not say."""

import re
import tomllib

Path = tuple[str | int, ...]
"""The names that lead to a setting; an entry of a list of tables (``[[waivers]]``) has its number."""

_STRING = r'"""(?:\\.|[^\\])*?"""|' + r"'''.*?'''|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'"
_TOKEN = re.compile(rf"(?P<text>{_STRING})|(?P<comment>\#[^\n]*)|(?P<sign>[\[\]{{}}\n])|[^\"'#\[\]{{}}\n]+", re.DOTALL)
_NAME = re.compile(r'"(?:\\.|[^"\\])*"|' + r"'[^']*'|[A-Za-z0-9_-]+")
_KEY = re.compile(rf"\s*(?:{_NAME.pattern})(?:\s*\.\s*(?:{_NAME.pattern}))*\s*(?==)")


def lines_of(text: str) -> dict[Path, int]:
    """The line (from 1) of every heading and every setting of a text that is valid TOML."""
    found: dict[Path, int] = {}
    entries: dict[Path, int] = {}
    section: Path = ()
    for line, statement in _statements(text):
        if statement.startswith("[["):
            section = _names(statement)
            entries[section] = entries.get(section, -1) + 1
            section = (*section, entries[section])
        elif statement.startswith("["):
            section = _names(statement)
        if statement.startswith("["):
            found.setdefault(section, line)
        elif key := _KEY.match(statement):
            found[(*section, *_names(key.group()))] = line
    return found


def line_at(lines: dict[Path, int], path: Path) -> int:
    """The line of a setting, or of the nearest one around it (an inline table stands on one line); 1 for the file."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


def _statements(text: str) -> list[tuple[int, str]]:
    """Headings and settings with the line on which each begins; a list over several lines is one of them."""
    found: list[tuple[int, str]] = []
    line = begun = 1
    depth, parts = 0, [""]
    for token in _TOKEN.finditer(text + "\n"):
        sign = token["sign"]
        if sign == "\n" and depth == 0:
            if statement := "".join(parts).strip():
                found.append((begun, statement))
            parts, begun = [], line + 1
        elif token["comment"] is None:
            parts.append(token.group())
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(sign or "", 0)
        line += token.group().count("\n")
    return found


def _names(dotted: str) -> Path:
    return tuple(
        str(tomllib.loads(f"name = {name}")["name"]) if name[0] in "\"'" else name for name in _NAME.findall(dotted)
    )
