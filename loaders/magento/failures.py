"""Tells a shop that is broken from a record that is: by how many answers in a row fail."""

from koppel.errors import TargetDown
from koppel.http import Answer

MOST = 12
"""So many in a row, and it is the shop. Narrowing 500 records down to a bad one takes 10."""


class Failures:
    """Counts failing answers; one that is none starts the count anew."""

    def __init__(self) -> None:
        self.in_a_row = 0
        self.most = MOST

    def end(self) -> None:
        """The shop does its work."""
        self.in_a_row = 0

    def add(self, answer: Answer) -> None:
        """One more. Raises TargetDown when there were too many."""
        self.in_a_row += 1
        if self.in_a_row > self.most:
            raise TargetDown(
                f"The shop failed {self.in_a_row} times in a row: {answer.message}.",
                kept="What was confirmed stays delivered; the rest is read back before it is sent again.",
                do="Look at the shop's log (var/log, var/report), then run again.",
            )
