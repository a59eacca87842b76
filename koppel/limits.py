"""How large a plan may be before a person decides."""

from koppel.plan import EntityPlan, Plan

DEFAULTS = {"withdrawn_share": 0.10, "held_back_share": 0.30, "emptied_share": 0.30, "first_run_only_creates": 1.0}
"""Shares of what stands in the target, of what was read, and of the records of one place that fall to 0; and whether a first
run may touch what is already there."""

_FEW = 5
"""Below so many records a share says nothing: one product of four is not a landslide."""


def beyond(plan: Plan, limits: dict[str, float], *, is_full: bool, adopted: int) -> list[str]:
    """The limits that a plan is beyond, as sentences for a person.

    ``adopted``: records that a first run found in the target already. Shares of the whole are judged for full reads only,
    because a few keys say nothing of it.
    """
    limits = DEFAULTS | limits
    said = [
        f"{fallen} of {records} {name} records of {place} that are above 0 would fall to 0; "
        f"{limits['emptied_share']:.0%} may without a person."
        for name, entity in plan.entities.items()
        for place, (fallen, records) in entity.emptied.items()
    ]
    for name, entity in plan.entities.items() if is_full else ():
        said += _withdrawn(name, entity, limits["withdrawn_share"])
        said += _held_back(name, entity, limits["held_back_share"])
    if adopted and limits["first_run_only_creates"]:
        said.append(
            f"This is the first run, and the target already holds {adopted} of these records; they would be overwritten."
        )
    return said


def _withdrawn(name: str, entity: EntityPlan, share: float) -> list[str]:
    if entity.withdraw <= max(share * entity.standing, _FEW):
        return []
    return [
        f"{entity.withdraw} of {entity.standing} {name} records would be withdrawn; {share:.0%} may without a person."
    ]


def _held_back(name: str, entity: EntityPlan, share: float) -> list[str]:
    if entity.held_back <= max(share * entity.read, _FEW):
        return []
    return [f"{entity.held_back} of {entity.read} {name} records would be held back; {share:.0%} may without a person."]
