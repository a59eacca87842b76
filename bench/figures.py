"""A measured figure, its goal, and the one line in which it is told."""

import operator
from collections.abc import Callable
from dataclasses import dataclass

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    "": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """``goal``: ``<=2``, ``>=10``, ``<600``, a number that it must equal, or ``-`` when it is only told."""

    name: str
    value: float
    goal: str = "-"

    @property
    def is_met(self) -> bool:
        """Whether the value reaches its goal. The value as measured counts, not the rounded one that is shown."""
        if self.goal == "-":
            return True
        sign = self.goal.rstrip("0123456789.")
        return _COMPARE[sign](self.value, float(self.goal.removeprefix(sign)))

    @property
    def line(self) -> str:
        """``bench NAME VALUE GOAL ok|short``."""
        return f"bench {self.name} {shown(self.value)} {self.goal} {'ok' if self.is_met else 'short'}"


def shown(value: float) -> str:
    """A value with at most three significant digits, and never in powers of ten."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:.6f}".rstrip("0").rstrip(".")
