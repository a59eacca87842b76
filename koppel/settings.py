"""Settings: what differs per company, from config/koppel.toml, with environment variables for what differs per machine."""

import os
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from koppel.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """A source as config names it: ``[sources.NAME]`` with its kind, its connection and what the kind needs besides."""

    name: str
    kind: str
    root: Path
    """The config folder; relative paths in ``options`` start here."""
    connection: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def path(self, option: str, default: str | None = None) -> Path:
        """A path among the options, made absolute from the config folder; ``$NAME`` is taken from the environment."""
        value = self.options.get(option, default)
        if value is None:
            raise ConfigError(
                f"[{self.name}] has no {option!r}.", do=f'Add {option} = "..." below its heading in koppel.toml.'
            )
        return (self.root / os.path.expandvars(str(value))).resolve()


@dataclass(frozen=True, slots=True)
class TargetSettings(SourceSettings):
    """A target as config names it: ``[targets.NAME]``, and the parts of the whole that a loader may need."""

    languages: tuple[str, ...] = ()
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)
    """config/properties.toml: per property code its label per language, its input and the translations of its options."""
    media_root: Path | None = None
    """Where the files that ``product_image.file`` names are."""


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """A flow: which entities go from which source to which target, in this order, and its limits."""

    name: str
    source: str
    target: str
    entities: tuple[str, ...]
    limits: dict[str, float]


@dataclass(frozen=True)
class Settings:
    """All settings of one config folder."""

    root: Path
    values: dict[str, Any]

    @classmethod
    def load(cls, root: Path | None = None) -> "Settings":
        """Read ``koppel.toml`` in ``root``, in $KOPPEL_CONFIG, or in config/ of the project."""
        root = (root or Path(os.environ.get("KOPPEL_CONFIG") or Path(__file__).parents[1] / "config")).resolve()
        return cls(root, read_toml(root / "koppel.toml"))

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that the shop sells in; the first is the default."""
        return tuple(self.values.get("languages", ("nl", "fr", "en")))

    @cached_property
    def properties(self) -> dict[str, dict[str, Any]]:
        """The consumer properties, from properties.toml."""
        path = self.root / "properties.toml"
        return read_toml(path) if path.exists() else {}

    @property
    def state_root(self) -> Path:
        """The folder for what runs leave behind: $KOPPEL_HOME, or .koppel beside the config folder."""
        return Path(os.environ.get("KOPPEL_HOME") or self.root.parent / ".koppel").resolve()

    @property
    def staging_root(self) -> str:
        """Where snapshots and plans are kept: $KOPPEL_STAGING (any fsspec address), or a folder below the state root."""
        return os.environ.get("KOPPEL_STAGING") or f"file://{self.state_root}/staging"

    @property
    def media_root(self) -> Path:
        """Where images stand: $KOPPEL_MEDIA, the ``media_root`` setting, or a folder below the state root."""
        value = os.environ.get("KOPPEL_MEDIA") or self.values.get("media_root")
        return (self.root / os.path.expandvars(value)).resolve() if value else self.state_root / "media"

    def flow(self, name: str) -> FlowSettings:
        """One flow, with its limits laid over the general ones."""
        section = self._section("flows", name)
        limits = {**self.values.get("limits", {}), **section.get("limits", {})}
        return FlowSettings(name, section["source"], section["target"], tuple(section["entities"]), limits)

    def source(self, name: str) -> SourceSettings:
        """One source."""
        section = dict(self._section("sources", name))
        return SourceSettings(name, section.pop("kind"), self.root, section.pop("connection", None), section)

    def target(self, name: str) -> TargetSettings:
        """One target."""
        section = dict(self._section("targets", name))
        return TargetSettings(
            name, section.pop("kind"), self.root, section.pop("connection", None), section,
            languages=self.languages, properties=self.properties, media_root=self.media_root,
        )  # fmt: skip

    def _section(self, kind: str, name: str) -> dict[str, Any]:
        known = self.values.get(kind, {})
        if name not in known:
            raise ConfigError(
                f"{self.root / 'koppel.toml'} has no [{kind}.{name}].", do=f"It knows: {', '.join(known) or 'none'}."
            )
        return dict(known[name])


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file, or a ConfigError that says what is wrong with it."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path} does not exist.", do="Copy the one from the project, or set KOPPEL_CONFIG."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}.", do="Mend that line and run again.") from error
