"""The documentation is true: its commands, targets, variables, settings and links exist, and those that exist are in it."""

import configparser
import importlib.util
import itertools
import re
import tomllib
from pathlib import Path

import pytest
import typer.main
import yaml

from koppel.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
TEXT = {page: page.read_text("utf-8") for page in PAGES}
ALL = "\n".join(TEXT.values())
COMMANDS = typer.main.get_command(app).commands
CODE = "\n".join(
    path.read_text("utf-8")
    for folder in ("koppel", "extractors", "transformers", "data_quality", "loaders", "scripts", "dags")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".sh"}
)
OFF = {("metrics", "statsd_on"), ("metrics", "otel_on"), ("traces", "otel_on"), ("sentry", "sentry_on")}
"""Everything by which Airflow can report to somewhere."""


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


def _code_spans(text: str) -> list[str]:
    blocks = re.findall(r"^(?: {4}|\t)(.+)$", text, re.MULTILINE)
    return blocks + re.findall(r"`([^`\n]+)`", text)


def test_every_command_that_the_docs_name_exists_with_its_options():
    used = [
        words
        for text in TEXT.values()
        for span in _code_spans(text)
        if (words := re.findall(r"\bkoppel ((?:[\w.,:/=-]+ ?)+)", span))
    ]
    named = {words.split()[0] for found in used for words in found}
    assert named, "the docs name no command at all"
    assert named <= set(COMMANDS), named - set(COMMANDS)
    for found in used:
        for words in found:
            command, *rest = words.split()
            known = {
                option
                for parameter in COMMANDS[command].params
                for option in (*parameter.opts, *parameter.secondary_opts)
            }
            assert {word for word in rest if word.startswith("--")} <= known, words


def test_every_command_and_option_is_explained_and_every_command_is_in_the_docs():
    for name, command in COMMANDS.items():
        assert f"koppel {name}" in ALL, name
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_every_make_target_that_the_docs_name_exists_and_explains_itself():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    explained = set(re.findall(r"^([a-z]+):.*## .+", makefile, re.MULTILINE))
    named = {
        name for text in TEXT.values() for span in _code_spans(text) for name in re.findall(r"\bmake ([a-z]+)", span)
    }
    assert {"demo", "test", "setup"} <= named <= targets, named - targets
    assert targets == explained


def test_every_variable_is_in_the_runbook_and_every_one_in_the_docs_is_read_somewhere():
    pattern = r"\bKOPPEL_[A-Z_]+\b"
    assert set(re.findall(pattern, ALL)) == set(re.findall(pattern, CODE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)", TEXT[page])
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_of_the_project_that_a_page_names_exists(page):
    folders = "config|dags|docs|examples|extractors|loaders|transformers|data_quality|koppel|sandbox|scripts|tests"
    named = {
        path
        for span in re.findall(r"`([^`\n]+)`", TEXT[page])
        for path in re.findall(rf"^(?:{folders})/[\w./-]*", span)
    }
    invented = {"extractors/api.py", "loaders/myshop.py"}
    assert [path for path in sorted(named - invented) if not (ROOT / path).exists()] == []


def test_every_section_of_the_configuration_that_the_docs_name_exists():
    sections = set(tomllib.loads((ROOT / "config" / "koppel.toml").read_text("utf-8")))
    named = {name.split(".")[0] for span in _code_spans(ALL) for name in re.findall(r"^\[([a-z]+)(?:\.[\w]+)?\]", span)}
    own = {"project", "product"}  # of pyproject.toml, and of a mapping
    assert {"flows", "limits", "alerts"} <= named
    assert named - own <= sections


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
