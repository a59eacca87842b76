"""The way back: what would come of a work list, what does after a yes, and that the same file twice is once."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from data_quality.texts import Texts
from data_quality.worklist.returned import Preview, confirm
from koppel import corrections
from koppel.errors import ConfigError
from tests.data_quality.worklist.lists import NOW, Shop, column, filled, line_of

WEIGHT, COLOUR, MATERIAL = "product|A-1|weight_kg", "product|A-1|property_color", "product|A-1|property_material"
NAME, PHOTOS = "product_text|nl:A-1|name", "product|A-1|:photos"
GOOD_NAME = "Zwart hoesje voor Samsung Galaxy A54"


def told(made: Preview, language: str = "en") -> list[tuple[str, str]]:
    """Per line its outcome and why."""
    texts = Texts(language)
    return [(line.outcome, " ".join(why.text(texts) for why in line.why)) for line in made.lines]


def test_good_values_are_accepted_and_count_after_a_yes(little_shop: Shop) -> None:
    content = filled(
        little_shop.export().content,
        {WEIGHT: {"new": "0,12"}, COLOUR: {"new": "Zwart"}, NAME: {"new": GOOD_NAME, "done_by": "Jan"}},
    )
    made = little_shop.preview(content)
    assert [line.outcome for line in made.lines] == ["accepted"] * 3, told(made)
    assert made.sentence(Texts("en")) == "3 accepted, 0 conflicts, 0 rejected"
    assert corrections.standing(little_shop.ledger, "shop") == []
    result = little_shop.confirm(content)
    assert (result.overrides, result.waivers, result.is_repeat) == (3, 0, False)
    stands = {row["field"]: row for row in corrections.standing(little_shop.ledger, "shop")}
    assert {name: row["value"] for name, row in stands.items()} == {
        "weight_kg": "0.12", "property_color": "zwart", "name": GOOD_NAME,
    }  # fmt: skip
    assert stands["name"]["author"] == "Jan"
    assert "els" in stands["name"]["reason"]
    assert stands["weight_kg"]["author"] == "els"
    assert stands["weight_kg"]["until"] == date(2027, 5, 25)


def test_the_same_file_twice_changes_nothing(little_shop: Shop) -> None:
    content = filled(
        little_shop.export().content, {WEIGHT: {"new": "0,12"}, PHOTOS: {"because": "Digitaal, er valt niets te tonen"}}
    )
    first = little_shop.confirm(content)
    journal = corrections.journal(little_shop.ledger, "shop")
    again = little_shop.preview(content, "jan")
    assert again.accepted_before
    assert [line.outcome for line in again.lines] == ["unchanged", "unchanged"]
    second = little_shop.confirm(content, now=NOW + timedelta(days=3))
    assert second.is_repeat
    assert second.answer == first.answer
    assert corrections.journal(little_shop.ledger, "shop") == journal


def test_the_same_values_in_a_file_that_was_saved_again_change_nothing(little_shop: Shop) -> None:
    exported = little_shop.export().content
    little_shop.confirm(filled(exported, {WEIGHT: {"new": "0,12"}}))
    journal = corrections.journal(little_shop.ledger, "shop")
    saved_again = filled(exported, {WEIGHT: {"new": "0.12", "done_by": "Jan"}})
    result = little_shop.confirm(saved_again, now=NOW + timedelta(days=3))
    assert (result.overrides, result.is_repeat) == (0, False)
    assert corrections.journal(little_shop.ledger, "shop") == journal


def test_what_the_source_changed_meanwhile_is_a_conflict_and_stays(little_shop: Shop) -> None:
    content = filled(little_shop.export().content, {WEIGHT: {"new": "0,12"}, NAME: {"new": GOOD_NAME}})
    little_shop.source_says("nl:A-1", name="GSM HOES NIEUW ZW")
    made = little_shop.preview(content)
    assert {line.field: line.outcome for line in made.lines} == {"weight_kg": "accepted", "name": "conflict"}
    assert "GSM HOES NIEUW ZW" in " ".join(why for _, why in told(made))
    result = little_shop.confirm(content)
    assert (result.overrides, result.conflicts) == (1, 1)
    assert [row["field"] for row in corrections.standing(little_shop.ledger, "shop")] == ["weight_kg"]


def test_what_changes_between_the_look_and_the_yes_is_not_overwritten(little_shop: Shop) -> None:
    content = filled(little_shop.export().content, {NAME: {"new": GOOD_NAME}})
    assert len(little_shop.preview(content).accepted) == 1
    little_shop.source_says("nl:A-1", name="GSM HOES NIEUW ZW")
    result = little_shop.confirm(content)
    assert (result.overrides, result.conflicts) == (0, 1)


def test_what_somebody_else_corrected_meanwhile_is_a_conflict(little_shop: Shop) -> None:
    mine, theirs = little_shop.export(), little_shop.export()
    little_shop.confirm(filled(theirs.content, {NAME: {"new": GOOD_NAME}}))
    made = little_shop.preview(filled(mine.content, {NAME: {"new": "Hoesje in zwart voor Galaxy A54"}}))
    ((outcome, why),) = told(made)
    assert outcome == "conflict"
    assert GOOD_NAME in why


@pytest.mark.parametrize(
    ("place", "value", "because"),
    [
        (WEIGHT, "zwaar", "no number"),
        (WEIGHT, "-1", ""),
        (WEIGHT, "0", ""),
        (COLOUR, "paars", "not in the list"),
        (NAME, "GSM HOESJE SAMS A55 ZW", ""),
        (NAME, "TEST NIET GEBRUIKEN hoesje Galaxy", ""),
        (COLOUR, "n.v.t.", "not in the list"),
    ],
)
def test_what_is_still_wrong_is_rejected_with_a_sentence(
    little_shop: Shop, place: str, value: str, because: str
) -> None:
    made = little_shop.preview(filled(little_shop.export().content, {place: {"new": value}}))
    ((outcome, why),) = told(made)
    assert outcome == "rejected"
    assert why
    assert because in why


def test_a_sentence_comes_in_the_language_of_who_reads_it(little_shop: Shop) -> None:
    made = little_shop.preview(filled(little_shop.export().content, {WEIGHT: {"new": "zwaar"}}))
    assert len({told(made, language)[0][1] for language in ("nl", "fr", "de", "en")}) == 4


def test_correct_because_becomes_a_waiver_of_the_rules_of_that_line(little_shop: Shop) -> None:
    content = filled(little_shop.export().content, {NAME: {"because": "De naam is zo geregistreerd"}})
    result = little_shop.confirm(content)
    assert result.waivers == 1
    (row,) = corrections.waivers(little_shop.ledger, "shop")
    assert (row["entity"], row["key"], row["rule"], row["reason"]) == (
        "product_text", "nl:A-1", "name_capitals", "De naam is zo geregistreerd",
    )  # fmt: skip


@pytest.mark.parametrize("reason", ["ok", "x", "...", "ja!"])
def test_correct_because_needs_some_words(little_shop: Shop, reason: str) -> None:
    made = little_shop.preview(filled(little_shop.export().content, {NAME: {"because": reason}}))
    ((outcome, why),) = told(made)
    assert outcome == "rejected"
    assert "few words" in why


def test_both_a_value_and_a_reason_are_rejected(little_shop: Shop) -> None:
    made = little_shop.preview(
        filled(little_shop.export().content, {NAME: {"new": GOOD_NAME, "because": "Dit is gewoon juist"}})
    )
    ((outcome, why),) = told(made)
    assert outcome == "rejected"
    assert "one of the two" in why


def test_a_bad_value_does_not_take_the_good_one_beside_it_along(little_shop: Shop) -> None:
    made = little_shop.preview(
        filled(
            little_shop.export().content, {WEIGHT: {"new": "-3"}, COLOUR: {"new": "zwart"}, MATERIAL: {"new": "leder"}}
        )
    )
    assert {line.field: line.outcome for line in made.lines} == {
        "weight_kg": "rejected", "property_color": "accepted", "property_material": "accepted",
    }  # fmt: skip


def test_one_of_two_missing_properties_is_accepted(little_shop: Shop) -> None:
    made = little_shop.preview(filled(little_shop.export().content, {MATERIAL: {"new": "Leder"}}))
    assert [line.outcome for line in made.lines] == ["accepted"], told(made)


def test_a_product_that_is_gone_and_one_that_was_mended(little_shop: Shop) -> None:
    content = filled(
        little_shop.export().content,
        {WEIGHT: {"new": "0,12"}, "product|A-2|weight_kg": {"new": "0,13"}, PHOTOS: {"because": "Niet te tonen"}},
    )
    little_shop.gone("A-1")
    little_shop.mended("A-2")
    outcomes = {line.filled.place: line.outcome for line in little_shop.preview(content).lines}
    assert outcomes == {WEIGHT: "rejected", "product|A-2|weight_kg": "conflict", PHOTOS: "rejected"}


def test_the_answer_holds_what_remains_with_what_came_of_it(little_shop: Shop) -> None:
    exported = little_shop.export()
    content = filled(
        exported.content, {WEIGHT: {"new": "0,12"}, COLOUR: {"new": "paars"}, NAME: {"because": "Zo heet het echt"}}
    )
    result = little_shop.confirm(content)
    assert result.answer is not None
    assert result.answer_sheet != exported.sheet_id
    again = little_shop.preview(result.answer)
    assert [(line.field, line.outcome) for line in again.lines] == [("property_color", "rejected")]
    sheet = corrections.sheet(little_shop.ledger, result.answer_sheet)
    assert sheet is not None
    left = corrections.sheet(little_shop.ledger, exported.sheet_id)
    assert left is not None
    assert set(left.rows) - set(sheet.rows) == {WEIGHT, NAME}
    assert set(sheet.rows) <= set(left.rows)
    mended = filled(result.answer, {COLOUR: {"new": "Wit"}})
    assert little_shop.confirm(mended).overrides == 1


def test_a_list_that_is_wholly_done_has_no_answer(little_shop: Shop) -> None:
    exported = little_shop.export()
    sheet = corrections.sheet(little_shop.ledger, exported.sheet_id)
    assert sheet is not None
    everything = {place: {"because": "Dit is zo in orde"} for place in sheet.rows}
    result = little_shop.confirm(filled(exported.content, everything))
    assert result.waivers == 10
    assert result.answer is None


# --- what is not ours -------------------------------------------------------------------------------------------------


def test_a_list_of_another_shop_is_refused(little_shop: Shop) -> None:
    def other(sheet: Any) -> None:
        for line in range(3, sheet.max_row + 1):
            sheet.cell(line, column(sheet, "sheet")).value = "20261126-000000"

    made = little_shop.preview(filled(little_shop.export().content, {WEIGHT: {"new": "0,12"}}, other))
    assert made.refusal is not None
    assert "not handed out here" in made.sentence(Texts("en"))
    assert made.lines == ()


def test_a_line_that_was_not_on_the_list_is_told_and_never_guessed(little_shop: Shop) -> None:
    def change(sheet: Any) -> None:
        sheet.cell(line_of(sheet, WEIGHT), column(sheet, "place")).value = "product|B-9|weight_kg"

    made = little_shop.preview(filled(little_shop.export().content, {WEIGHT: {"new": "0,12"}}, change))
    assert made.lines == ()
    assert any("not part of the list" in one.text(Texts("en")) for one in made.notices)


def test_a_line_that_stands_there_twice_counts_only_when_both_say_the_same(little_shop: Shop) -> None:
    def copied(value: str) -> Callable[[Any], None]:
        def copy(sheet: Any) -> None:
            last, first = sheet.max_row + 1, line_of(sheet, WEIGHT)
            for at in range(1, sheet.max_column + 1):
                sheet.cell(last, at).value = sheet.cell(first, at).value
            sheet.cell(last, column(sheet, "new")).value = value

        return copy

    exported = little_shop.export().content
    same = little_shop.preview(filled(exported, {WEIGHT: {"new": "0,12"}}, copied("0,12")))
    assert [line.outcome for line in same.lines] == ["accepted"]
    other = little_shop.preview(filled(exported, {WEIGHT: {"new": "0,12"}}, copied("0,13")))
    ((outcome, why),) = told(other)
    assert outcome == "rejected"
    assert "more than once" in why


def test_lines_of_two_lists_in_one_file_each_count_for_their_own(little_shop: Shop) -> None:
    first, second = little_shop.export(), little_shop.export()

    def pasted(sheet: Any) -> None:
        sheet.cell(line_of(sheet, COLOUR), column(sheet, "sheet")).value = second.sheet_id

    content = filled(first.content, {WEIGHT: {"new": "0,12"}, COLOUR: {"new": "zwart"}}, pasted)
    assert little_shop.confirm(content).overrides == 2
    stands = {row["field"]: row["sheet_id"] for row in corrections.standing(little_shop.ledger, "shop")}
    assert stands == {"weight_kg": first.sheet_id, "property_color": second.sheet_id}


def test_a_yes_to_what_nobody_looked_at_is_an_error_that_says_what_to_do(little_shop: Shop) -> None:
    for name in ("0" * 32, "../../etc/passwd", ""):
        with pytest.raises(ConfigError, match="Send the file again"):
            confirm(little_shop.ledger, little_shop.settings, name, "els", NOW)


def test_a_reason_tells_who_sent_the_list_where_another_name_stands_in_it(little_shop: Shop) -> None:
    content = filled(little_shop.export().content, {NAME: {"because": "Zo heet het echt", "done_by": "De directeur"}})
    little_shop.confirm(content, who="els")
    (row,) = corrections.waivers(little_shop.ledger, "shop")
    assert row["author"] == "De directeur"
    assert row["reason"] == "Zo heet het echt (Sent back by els.)"
