"""Work lists on the page "Data quality": handed out, filled in, looked at, accepted, and what nobody should have sent."""

import io
import re
import zipfile

import pytest
import requests
from openpyxl import load_workbook

from koppel import corrections
from tests.data_quality.worklist.lists import Shop, filled, line_of, mending
from tests.koppel.html_page import Page
from tests.plugins.conftest import EVIL, Served
from tests.plugins.test_quality import CONFIRM, DESK, HAND_OUT, NONSENSE, UPLOAD, said

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENGLISH = "?language=en"


def handed_out(served: Served, owner: str = "an", language: str = "nl", role: str = "USER") -> bytes:
    answer = served.send("POST", HAND_OUT, role, data={"owner": owner, "language": language})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == XLSX
    name = re.fullmatch(r'attachment; filename="([a-z0-9.-]+\.xlsx)"', answer.headers["Content-Disposition"])
    assert name
    assert f"-{language}-" in name[1]
    return answer.content


def sent(
    served: Served, content: bytes, name: str = "list.xlsx", language: str = "en", role: str = "USER"
) -> requests.Response:
    return served.send("POST", f"{UPLOAD}?language={language}", role, files={"file": (name, content, XLSX)})


def preview_id(answer: requests.Response) -> str:
    return Page(answer.text).all("input", name="preview_id")[0].attributes["value"]


def accepted(served: Served, name: str, role: str = "USER") -> str:
    """Where a yes leads."""
    answer = served.send("POST", f"{CONFIRM}{ENGLISH}", role, data={"preview_id": name})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/quality/work-lists/done/{name}?language=en"
    return answer.headers["Location"]


def standing(quality: Shop, sku: str) -> dict[str, dict]:
    """The corrections of a product, by field."""
    return {row["field"]: row for row in corrections.standing(quality.ledger, "shop") if row["key"].endswith(sku)}


def test_the_whole_way_and_nothing_happens_twice(served: Served, quality: Shop) -> None:
    """Two people use one list: the author is whoever is logged in, or whom a line names."""
    weight, colour = "product|A-1|weight_kg", "product|A-1|property_color"
    content = filled(handed_out(served), {weight: {"new": "0,12"}, colour: {"new": "Zwart", "done_by": "Jan"}})
    seen = sent(served, content)
    page = Page(seen.text)
    page.check()
    assert page.all("h1")[0].text == "2 accepted, 0 conflicts, 0 rejected"
    assert [one.text for one in page.all("th", scope="row")] == ["A-1"] * 2
    assert standing(quality, "A-1") == {}

    done = Page(served.get(accepted(served, preview_id(seen)), "VIEWER").text)
    done.check()
    assert [one.text for one in done.all("dd")] == ["2", "0", "0", "0"]
    stands = standing(quality, "A-1")
    assert {name: (row["value"], row["author"]) for name, row in stands.items()} == {
        "weight_kg": ("0.12", "user"), "property_color": ("zwart", "Jan"),
    }  # fmt: skip
    journal = corrections.journal(quality.ledger, "shop")

    assert accepted(served, preview_id(seen), "ADMIN")
    again = sent(served, content)
    assert "accepted before. Nothing changed." in again.text
    assert Page(again.text).all("form") == []
    assert standing(quality, "A-1") == stands
    assert corrections.journal(quality.ledger, "shop") == journal

    (link,) = [one.attributes["href"] for one in done.all("a") if one.attributes["href"].endswith("answer.xlsx")]
    answer = served.get(link)
    assert answer.headers["Content-Type"] == XLSX
    sheet = mending(load_workbook(io.BytesIO(answer.content)))
    assert line_of(sheet, "product|A-1|property_material")
    with pytest.raises(StopIteration):
        line_of(sheet, weight)


def test_a_conflict_is_not_taken_and_what_is_wrong_is_said(served: Served, quality: Shop) -> None:
    content = filled(
        handed_out(served),
        {
            "product|A-3|weight_kg": {"new": "zwaar"}, "product|A-3|property_material": {"new": EVIL},
            "product_text|nl:A-3|name": {"new": "Zwart hoesje voor Samsung Galaxy A54"},
        },
    )  # fmt: skip
    quality.source_says("nl:A-3", name=EVIL)
    answer = sent(served, content, name=f'"><{EVIL}.xlsx')
    page = Page(answer.text)
    page.check()
    assert page.all("h1")[0].text == "0 accepted, 1 conflicts, 2 rejected"
    assert page.all("script") == page.all("img") == []
    assert "window.hacked" in page.all("main")[0].text
    assert page.all("form") == []
    names = [one.text for one in page.all("th", scope="row")]
    assert names == ["A-3"] * 3


def test_a_name_with_tricks_keeps_its_line(served: Served) -> None:
    content = filled(handed_out(served), {"product|A-4|weight_kg": {"new": "0,4"}})
    for name in ("\u202egnp.xlsx", "a\nb.xlsx", "x" * 900, "../../../etc/passwd", "", "é漢字.xlsx"):
        answer = sent(served, content, name=name or " ")
        assert answer.status_code == 200
        assert "\u202e" not in answer.text
        assert len(answer.text) < 30_000
        Page(answer.text).check()


def test_every_owner_gets_a_list_of_their_own_and_hostile_names_stay_names(served: Served) -> None:
    page = Page(served.get(f"{DESK}{ENGLISH}", "USER").text)
    page.check()
    assert page.all("script") == page.all("img") == []
    assert EVIL in [one.text for one in page.all("th", scope="row")]
    chosen = {one.attributes["value"] for one in page.all("option") if "selected" in one.attributes}
    assert chosen == {"nl", "fr"}
    sheet = mending(load_workbook(io.BytesIO(handed_out(served, "eve", "fr"))))
    assert line_of(sheet, "product_text|nl:A-2|name")


@pytest.mark.parametrize("owner", ["nobody", "", "an\x00", EVIL, "x" * 10_000])
def test_a_list_of_nobody_is_a_sentence(served: Served, owner) -> None:
    answer = served.send("POST", f"{HAND_OUT}?language=nl", data={"owner": owner, "language": "../.."})
    assert answer.status_code == 404
    assert "Er is niets te verbeteren voor deze persoon." in said(answer.text)


def bomb() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 60_000_000)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "leeg"), (b"<html>no workbook</html>", "geen werkmap"), (b"PK\x03\x04" + b"\0" * 500, "geen werkmap"),
        (bomb(), "veel groter"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 90, ".xls"),
    ],
    ids=["nothing", "a page", "half a workbook", "a bomb", "an old one"],
)  # fmt: skip
def test_what_is_no_work_list_is_a_sentence_in_the_readers_language(served: Served, content, words) -> None:
    answer = sent(served, content, language="nl")
    assert answer.status_code == 422
    assert words in said(answer.text)
    assert "Er is niets veranderd." in said(answer.text)
    assert Page(answer.text).all("html")[0].attributes["lang"] == "nl"


def test_a_file_that_is_too_large_never_gets_to_whoever_reads_it(served: Served) -> None:
    answer = sent(served, b"PK" + b"\0" * 21_000_000, language="fr")
    assert answer.status_code == 413
    assert "trop grand" in said(answer.text)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    endless = served.send("POST", f"{UPLOAD}{ENGLISH}", data=iter([b"x" * 100_000] * 10))
    assert endless.status_code == 413


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (UPLOAD, {}),
        (UPLOAD, {"data": {"file": "a text"}}),
        (UPLOAD, {"files": {"other": b"x"}}),
        (UPLOAD, {"data": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
        (UPLOAD, {"data": b"x", "headers": {"Content-Type": "multipart/form-data"}}),
        (UPLOAD, {"json": {"file": "x"}}),
        (CONFIRM, {}),
        (CONFIRM, {"json": ["preview_id"]}),
        (CONFIRM, {"files": {"preview_id": b"x"}}),
    ],
)
def test_a_form_that_is_not_complete_is_a_page(served: Served, path, values) -> None:
    answer = served.send("POST", f"{path}?language=de", **values)
    assert answer.status_code in {400, 422}
    assert "Das Formular ist nicht vollständig. Nichts wurde geändert." in said(answer.text)


@pytest.mark.parametrize("name", [NONSENSE, "", "../../etc/passwd", EVIL, "0" * 31 + "\x00", "x" * 100_00])
def test_a_yes_to_what_does_not_wait_changes_nothing(served: Served, quality: Shop, name) -> None:
    before = corrections.journal(quality.ledger, "shop")
    answer = served.send("POST", f"{CONFIRM}?language=nl", data={"preview_id": name})
    assert answer.status_code in {404, 422}
    assert "Er is niets veranderd." in said(answer.text)
    assert corrections.journal(quality.ledger, "shop") == before


@pytest.mark.parametrize("name", [NONSENSE, "..%2f..%2fetc%2fpasswd", "%00", "%3Cscript%3E"])
def test_nothing_is_done_that_nobody_accepted(served: Served, name) -> None:
    for path in (f"/quality/work-lists/done/{name}", f"/quality/work-lists/done/{name}/answer.xlsx"):
        answer = served.get(f"{path}{ENGLISH}")
        assert answer.status_code == 404
        assert said(answer.text)
        assert "<script" not in answer.text
