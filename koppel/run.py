"""One run and what it works with: its row in the ledger, settings, source, target and folder, each found when first asked for."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from koppel import registry
from koppel.entities import ENTITIES, Entity
from koppel.ledger import Ledger
from koppel.settings import FlowSettings, Settings
from koppel.source import Source
from koppel.staging import Staging
from koppel.target import Target
from koppel.window import Window

if TYPE_CHECKING:
    from koppel.emptied import Emptied


@dataclass
class Run:
    """One run: its row in the ledger, its settings and its folder."""

    run_id: str
    has_appendix: bool = True
    """Whether the gate writes its technical appendix."""
    keeps_back_emptied: bool = False
    """Whether what falls to 0 beyond the limit is held back, where otherwise the whole plan would wait for a person."""

    @classmethod
    def of(cls, run: "str | Run") -> "Run":
        """The run with this id, or the run itself, which remembers its settings, source and target between steps."""
        return cls(run) if isinstance(run, str) else run

    @cached_property
    def settings(self) -> Settings:
        """The settings of this machine and company."""
        return Settings.load()

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger."""
        return Ledger.from_environment()

    @cached_property
    def row(self) -> dict[str, Any]:
        """What the ledger says of the run."""
        return self.ledger.run(self.run_id)

    @cached_property
    def flow(self) -> FlowSettings:
        """The flow's settings."""
        return self.settings.flow(self.row["flow"])

    @cached_property
    def entities(self) -> list[Entity]:
        """The flow's entities, in their order."""
        return [ENTITIES[name] for name in self.flow.entities]

    @cached_property
    def staging(self) -> Staging:
        """The run's folder."""
        return Staging(self.settings.staging_root, self.run_id)

    @cached_property
    def window(self) -> Window:
        """What the run reads."""
        return Window.from_json(self.row["read_window"])

    @cached_property
    def source(self) -> Source:
        """The source; opens nothing by itself."""
        return registry.source(self.settings, self.row["source"])

    @cached_property
    def salt(self) -> str:
        """What changes when records have to be judged anew."""
        from koppel.changes import salt_of

        return salt_of(self.settings.root)

    @property
    def log_level(self) -> int:
        """How loud the run tells of each of its plans."""
        return logging.INFO

    @property
    def read_at(self) -> datetime:
        """When the run began to read: what the source changes after this moment, the run may not have seen."""
        began: datetime = self.row["started_at"]
        return began

    @property
    def lane(self) -> str:
        """The lane of the flow's entities."""
        return self.entities[0].lane

    @cached_property
    def emptied(self) -> "dict[str, Emptied]":
        """Per entity of which not too much may fall to 0: what does so."""
        from koppel.emptied import Emptied
        from koppel.limits import DEFAULTS

        share = (DEFAULTS | self.flow.limits)["emptied_share"]
        return {
            entity.name: Emptied(self.ledger, self.target_name, entity, share, keeps_back=self.keeps_back_emptied)
            for entity in self.entities
            if entity.emptied
        }

    @property
    def target_name(self) -> str:
        """The target's name in config."""
        return str(self.row["target"])

    @cached_property
    def target(self) -> Target:
        """The target; opens nothing by itself."""
        return registry.target(self.settings, self.target_name)
