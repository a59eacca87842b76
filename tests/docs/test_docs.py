"""The documentation is true: its commands, targets, variables, settings and links exist, and those that exist are in it."""

import configparser
import dataclasses
import importlib.util
import itertools
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer.main
import yaml

from data_quality import docs as rules_page
from data_quality import settings
from data_quality.catalogue import RULES
from data_quality.owners import ROLES
from data_quality.report import options as report_options
from data_quality.worklist import options as worklist_options
from extractors import mapping
from koppel import errors, ledger_schema
from koppel.cli import app
from koppel.limits import DEFAULTS
from koppel.live import Pace
from tests.docs.pages import ROOT

PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
)
TEXT = {page: page.read_text("utf-8") for page in PAGES}
ALL = "\n".join(TEXT.values())
README, RUNBOOK = TEXT[ROOT / "README.md"], TEXT[ROOT / "docs" / "runbook.md"]
GROUP = typer.main.get_command(app)
GROUPS = {name: command.commands for name, command in GROUP.commands.items() if hasattr(command, "commands")}
COMMANDS = {name: command for name, command in GROUP.commands.items() if name not in GROUPS} | {
    f"{group} {name}": command for group, commands in GROUPS.items() for name, command in commands.items()
}
"""Every command by its words; those of a group by two."""
CODE = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for folder in (
        "koppel",
        "extractors",
        "transformers",
        "data_quality",
        "loaders",
        "scripts",
        "dags",
        "plugins",
        "bench",
    )
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".sh"}
}
OFF = {("metrics", "statsd_on"), ("metrics", "otel_on"), ("traces", "otel_on"), ("sentry", "sentry_on")}
"""Everything by which Airflow can report to somewhere."""


def _code_spans(text: str) -> list[str]:
    """Lines of blocks, indented or fenced, and what stands between backticks."""
    fenced = [
        line
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    indented = re.findall(r"^(?: {4}|\t)(.+)$", text, re.MULTILINE)
    return [*fenced, *indented, *re.findall(r"`([^`\n]+)`", text)]


def _options(command: object) -> set[str]:
    return {option for one in command.params for option in (*one.opts, *one.secondary_opts)}


# --- commands and targets -----------------------------------------------------------------------------------------------


def _used() -> list[list[str]]:
    """Every use of ``koppel`` in the docs, as words, without the options that stand before the command."""
    found = [words.split() for text in TEXT.values() for span in _code_spans(text)
             for words in re.findall(r"(?<![\w/.])(?:\.venv/bin/)?koppel ((?:[\w.,:/=-]+ ?)+)", span)]  # fmt: skip
    for words in found:
        assert {word for word in words if word.startswith("-")} <= {
            *_options(GROUP),
            *itertools.chain(*map(_options, COMMANDS.values())),
        }
    commands = [list(itertools.dropwhile(lambda word: word in _options(GROUP), words)) for words in found]
    return [[" ".join(words[:2]), *words[2:]] if words[0] in GROUPS else words for words in commands]


def test_every_command_that_the_docs_name_exists_with_its_options():
    used = _used()
    assert {words[0] for words in used} == set(COMMANDS)
    for command, *rest in used:
        assert {word for word in rest if word.startswith("--")} <= _options(COMMANDS[command]), (command, rest)


def test_every_command_and_option_is_explained_and_the_runbook_shows_it():
    shown = set(re.findall(r"--[a-z-]+", RUNBOOK))
    for name, command in COMMANDS.items():
        assert f"koppel {name}" in RUNBOOK, name
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"
        assert {option for option in _options(command) if option.startswith("--")} - {"--help"} <= shown, name


def test_every_make_target_that_the_docs_name_exists_and_every_one_is_explained():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    explained = set(re.findall(r"^([a-z]+):.*## .+", makefile, re.MULTILINE))
    named = {
        name for text in TEXT.values() for span in _code_spans(text) for name in re.findall(r"^make ([a-z]+)", span)
    }
    assert targets == explained
    assert named == targets - {"help"}  # which is make alone
    assert {"demo", "test"} <= set(re.findall(r"^    make ([a-z]+)", README, re.MULTILINE))


def test_scripts_and_modules_that_the_docs_start_exist():
    started = {name for span in _code_spans(ALL) for name in re.findall(r"python -m ([\w.]+)", span)}
    assert {"scripts.demo", "data_quality.docs"} <= started
    assert [name for name in started if importlib.util.find_spec(name) is None] == []


# --- settings -----------------------------------------------------------------------------------------------------------


def _read_by(*folders: str, without: tuple[str, ...] = ()) -> set[str]:
    """The names that code reads from a section of koppel.toml."""
    pattern = r"""options(?:\.get\(|\[)"(\w+)"|settings\.path\("(\w+)"|values\.get\("\w+", \{\}\)\.get\("(\w+)\""""
    return {
        name
        for path, code in CODE.items()
        if path.split("/")[0] in folders and path not in without
        for found in re.findall(pattern, code)
        for name in found
        if name
    }


def _table(first: str) -> set[str]:
    """The names in the first column of the runbook's tables with this word in the head."""
    tables = [
        block for block in re.findall(r"^\|.*(?:\n\|.*)*", RUNBOOK, re.MULTILINE) if first in block.splitlines()[0]
    ]
    assert tables, first
    cells = [line.split("|")[1] for block in tables for line in block.splitlines()[2:]]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_setting_of_koppel_toml_is_in_the_runbook_and_nothing_else():
    # A time that stands still and a frame that is whole are only for tests; a mapping has a page of its own.
    told_elsewhere = {"now", "is_whole"}
    read = (
        _read_by("koppel", "extractors", "loaders", "transformers", without=("extractors/mapping.py",)) - told_elsewhere
    )
    named = {"kind", "connection"}  # read when a section is taken apart; the gate has a kind too
    tables = ("`[sources.NAME]`", "`[targets.NAME]`", "`[transform]`")
    assert set().union(*map(_table, tables)) == read | named
    assert _table("`[limits]`") == set(DEFAULTS)
    kinds = (report_options.Options, worklist_options.Options)
    of_report = {one.name for kind in kinds for one in dataclasses.fields(kind)}
    pattern = r"""values\.get\("(?:report|retention|worklist)", \{\}\)\.get\("(\w+)\""""
    asked = {
        name for path, code in CODE.items() if path.startswith("data_quality/") for name in re.findall(pattern, code)
    }
    assert {"languages", "reports", "url"} <= asked
    assert _table("`[report]`, ") == of_report | asked
    pace = {one.name for one in dataclasses.fields(Pace)}
    assert _table("`[flows.NAME]`") == {"source", "target", "entities", "limits", "listen"}
    assert pace == set(re.findall(r"`(\w+)` \(", next(line for line in RUNBOOK.splitlines() if "| `listen`" in line)))


def test_every_setting_that_the_projects_own_files_hold_is_in_the_runbook():
    own = tomllib.loads((ROOT / "config" / "koppel.toml").read_text("utf-8"))
    for kind in ("sources", "targets"):
        assert {name for section in own[kind].values() for name in section} <= _table(f"`[{kind}.NAME]`")
    assert {name for section in own["flows"].values() for name in section} <= _table("`[flows.NAME]`")
    assert set(own["limits"]) <= _table("`[limits]`")
    kept = _table("`[transform]`") | _table("`[report]`, ")
    assert {name for part in ("transform", "alerts", "retention", "report", "worklist") for name in own[part]} <= kept
    assert {name for name in own if not isinstance(own[name], dict)} <= _table("| general |")
    for name in set(own) - {"languages"}:
        assert re.search(rf"`\[{name}[\].]", RUNBOOK), name


def test_every_setting_of_properties_assortment_and_rules_is_in_the_runbook_and_nothing_else():
    properties = tomllib.loads((ROOT / "config" / "properties.toml").read_text("utf-8"))
    code = CODE["loaders/magento/attributes.py"]
    read = set(re.findall(r"""(?:declared|_declared\(\w+\))(?:\.get\(|\[)['"](\w+)['"]""", code))
    asked = {
        name
        for path, text in CODE.items()
        if path.startswith("data_quality/rules/")
        for name in re.findall(r"""assortment\.(?:flags|groups)\(\s*rows\["category_code"\],\s*"(\w+)\"""", text)
    }
    assert {name for section in properties.values() for name in section} <= read
    assert {**dict.fromkeys(read)}.keys() | asked | {"parent"} == _table("`[CODE]`") | _table("`[categories.CODE]`")
    assert _table("`[rules.ID]`") == {"enabled", "severity", "weight", *settings._WAIVER}


def test_every_section_of_owners_is_in_the_runbook_and_nothing_else():
    own = tomllib.loads((ROOT / "config" / "owners.toml").read_text("utf-8"))
    part = RUNBOOK.partition("### owners.toml")[2].partition("\n### ")[0]
    assert set(re.findall(r"`\[(\w+)[\].]", part)) == set(own)
    assert {name for person in own["people"].values() for name in person} | set(ROLES) <= set(
        re.findall(r"`(\w+)`", part)
    )


def test_every_setting_of_a_mapping_is_on_the_page_of_sources():
    page = TEXT[ROOT / "docs" / "sources.md"]
    names = mapping._KNOWN | mapping._COLUMN_KNOWN
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", page)] == []


def test_every_variable_is_in_the_runbook_and_every_one_in_the_docs_is_read_somewhere():
    pattern = r"\bKOPPEL_[A-Z_]+\b"
    read = {name for text in CODE.values() for name in re.findall(pattern, text)}
    assert set(re.findall(pattern, RUNBOOK)) == read
    assert set(re.findall(pattern, ALL)) == read


def test_every_section_of_the_configuration_that_the_docs_name_exists():
    sections = set(tomllib.loads((ROOT / "config" / "koppel.toml").read_text("utf-8")))
    named = {name.split(".")[0] for span in _code_spans(ALL) for name in re.findall(r"^\[([a-z]+)(?:\.[\w]+)?\]", span)}
    # of pyproject.toml, of a mapping, of rules.toml, assortment.toml and stock.toml, of a property that a page adds
    own = {"project", "product", "rules", "words", "weights", "categories", "defaults", "locations", "safety"}
    own |= {"people", "roles", "managers"}  # of owners.toml
    assert {"flows", "limits", "alerts"} <= named
    assert named - own <= sections


# --- what the pages say -------------------------------------------------------------------------------------------------


def test_the_page_of_the_rules_is_what_its_generator_writes():
    assert rules_page.PAGE.read_text("utf-8") == rules_page.page(), "run python -m data_quality.docs"
    assert all(f"`{rule}`" in TEXT[rules_page.PAGE] for rule in RULES)


def test_the_runbook_knows_every_error_and_the_architecture_every_table():
    told = {name for name, kind in vars(errors).items() if isinstance(kind, type) and not kind.__subclasses__()}
    assert "LimitExceeded" in told
    assert [name for name in told if name not in RUNBOOK] == []
    tables = re.findall(r"^\| `(\w+)` \|", TEXT[ROOT / "docs" / "architecture.md"], re.MULTILINE)
    assert set(ledger_schema.metadata.tables) == set(tables)


def test_the_table_of_a_run_adds_up_wherever_it_is_shown():
    lines = re.findall(r"^ {4,}([a-z ]+?)((?: +[\d,]+){6})$", ALL, re.MULTILINE)
    assert len(lines) > 5
    for name, cells in lines:
        read, unchanged, delivered, held, failed, _ = (int(cell.replace(",", "")) for cell in cells.split())
        assert read == unchanged + delivered + held + failed, name


# --- links and paths ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", TEXT[page]):
        if "://" in link:
            continue
        path, _, place = link.partition("#")
        there = (page.parent / path) if path else page
        assert there.exists(), link
        if place:
            headings = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.MULTILINE)
            assert place in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, link


def test_every_page_can_be_reached_from_the_readme():
    reached, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop()
        reached.add(page)
        links = [
            (page.parent / link).resolve() for link in re.findall(r"\]\(([^)#\s]+)", TEXT[page]) if "://" not in link
        ]
        pages = [found for link in links for found in (sorted(link.glob("*.md")) if link.is_dir() else [link])]
        left += [found for found in pages if found in TEXT and found not in reached]
    assert [page.name for page in PAGES if page not in reached] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_of_the_project_that_a_page_names_exists(page):
    folders = (
        "config|dags|plugins|docs|examples|extractors|loaders|transformers|data_quality|koppel|sandbox|scripts|tests"
    )
    named = {
        path
        for span in re.findall(r"`([^`\n]+)`", TEXT[page])
        for path in re.findall(rf"^(?:{folders})/[\w./-]*", span)
    }
    invented = {"extractors/feed.py", "loaders/folder.py", "data_quality/locale/it"}  # which the pages make
    assert [path for path in sorted(named - invented) if not (ROOT / path).exists()] == []


def test_no_page_names_a_machine_or_a_package_index():
    hosts = "|".join(re.escape(f"{name}.org") for name in ("pypi", "pythonhosted", "npmjs", "debian"))
    for page, text in TEXT.items():
        assert not re.search(r"(?<![\w.])/(?:work|root|tmp|home)/", text), page.name
        assert not re.search(hosts, text), page.name


def test_decisions_fit_on_a_page():
    for page in (ROOT / "docs" / "adr").glob("*.md"):
        assert len(TEXT[page].splitlines()) <= 40, page.name


def test_pictures_are_small_and_the_drawn_one_is_readable_in_the_dark():
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 300_000, picture.name
    drawn = (ROOT / "docs" / "images" / "flow.svg").read_text("utf-8")
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert "prefers-color-scheme: dark" in drawn


def test_the_changelog_begins_with_the_version_of_the_project():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert re.search(r"^## \[([\d.]+)\]", TEXT[ROOT / "CHANGELOG.md"], re.MULTILINE)[1] == version


# --- airflow.cfg --------------------------------------------------------------------------------------------------------


def _cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "airflow.cfg", "utf-8")
    return parser


def _airflow_options() -> dict[tuple[str, str], str | None]:
    """Every option of the installed Airflow, with its default."""
    (folder,) = importlib.util.find_spec("airflow").submodule_search_locations
    told = yaml.safe_load((Path(folder) / "config_templates" / "config.yml").read_text("utf-8"))
    return {
        (name, key): value["default"] for name, section in told.items() for key, value in section["options"].items()
    }


def test_airflow_cfg_holds_only_what_differs_and_says_why():
    known, cfg = _airflow_options(), _cfg()
    lines = (ROOT / "airflow.cfg").read_text("utf-8").splitlines()
    for section in cfg.sections():
        for key, value in cfg[section].items():
            default = known[section, key.removesuffix("_cmd")]
            assert key.endswith("_cmd") or str(default).lower() != value.lower(), f"[{section}] {key} is the default"
    for before, line in itertools.pairwise(lines):
        is_second_of_two = line.split(" = ")[0] in {
            "simple_auth_manager_passwords_file",
            "dag_processor_child_process_log_directory",
            "default_email_on_retry",
        }
        if re.match(r"^\w+ = ", line) and not is_second_of_two:
            assert before.startswith("#"), f"{line}: no reason"


def test_airflow_reports_to_nobody():
    known, cfg = _airflow_options(), _cfg()
    assert OFF.issubset(known)
    assert not [key for key in known if "usage" in key[0] or "telemetry" in key[1]]
    for section, key in OFF:
        assert (cfg.get(section, key, fallback=None) or known[section, key]).lower() == "false"


def test_no_secret_stands_in_airflow_cfg():
    told = {f"{section}.{key}": value for section, items in _cfg().items() for key, value in items.items()}
    secret = {
        key: value
        for key, value in told.items()
        if re.search(r"secret|fernet|password", key) and not key.endswith("_file")
    }
    assert secret
    assert all(key.endswith("_cmd") and "secret.sh" in value for key, value in secret.items())
