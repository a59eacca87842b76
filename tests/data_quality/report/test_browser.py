"""The report in a real browser: by keyboard only, on a narrow screen, on paper, with hostile names, and as axe-core sees it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from data_quality.report import html
from data_quality.texts import Texts
from tests.data_quality.report.samples import sample_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report as a person has it: a file that was opened."""
    path = tmp_path_factory.mktemp("report") / "quality-en.html"
    path.write_text(html.render(sample_report(60), Texts("en")), "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def desktop(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def page(desktop: BrowserContext, address: str) -> Iterator[Page]:
    """The report, with an eye on what it must never do: ask the network, open a dialog, or break."""
    opened = desktop.new_page()
    wrong: list[str] = []
    opened.on(
        "request", lambda request: wrong.append(request.url) if not request.url.startswith(("data:", address)) else None
    )
    opened.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    opened.goto(address)
    yield opened
    opened.close()
    assert wrong == []


def reach(page: Page, wanted: str) -> None:
    """Press Tab until the element that fits ``wanted`` has the keyboard."""
    page.locator("#content").focus()
    for _ in range(300):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"The keyboard does not get to {wanted}.")


def column(page: Page, table: str, place: int) -> list[str]:
    return page.eval_on_selector_all(
        f"{table} tbody tr", "(rows, place) => rows.map(row => row.cells[place].dataset.v)", place
    )


def test_a_table_is_sorted_and_searched_by_keyboard_and_its_address_says_so(page: Page, address: str) -> None:
    table = "table[data-table=category]"
    reach(page, f"{table} th[data-key=products] button")
    page.keyboard.press("Enter")
    expect(page.locator(f"{table} th[data-key=products]")).to_have_attribute("aria-sort", "descending")
    falling = [int(n) for n in column(page, table, 1)]
    assert falling == sorted(falling, reverse=True)
    page.keyboard.press("Space")
    expect(page.locator(f"{table} th[data-key=products]")).to_have_attribute("aria-sort", "ascending")
    assert [int(n) for n in column(page, table, 1)] == sorted(falling)
    assert page.evaluate("document.activeElement.closest('th').dataset.key") == "products"

    page.locator("[data-search=category]").focus()
    page.keyboard.type("gla")
    expect(page.locator("[data-count=category]")).to_have_text("1 row found")
    assert page.locator(f"{table} tbody tr").count() == 1
    page.goto(f"{address}#sort.category=products&find.category=nameless")
    expect(page.locator("[data-count=category]")).to_have_text("1 row found")
    expect(page.locator(f"{table} th[data-key=products]")).to_have_attribute("aria-sort", "ascending")


def test_from_a_figure_to_its_products_to_a_card_and_back_by_keyboard(page: Page) -> None:
    reach(page, "a.drill[href*='question=name'][href*='language=nl']")
    page.keyboard.press("Enter")
    expect(page.locator("#list-title")).to_be_focused()
    expect(page.locator("#list [role=status]")).to_have_text("4 products found")
    expect(page.locator("#filters a")).to_have_text(["Question: Name", "Language: Dutch"])
    expect(page.locator("#report")).to_be_hidden()

    reach(page, "#list-table tbody a")
    sku = page.evaluate("document.activeElement.closest('tr').querySelector('.sku').textContent")
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".card-bar p")).to_have_text(sku)
    expect(dialog.locator(".close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('tr').querySelector('.sku').textContent") == sku

    page.go_back()
    expect(page.locator("#report")).to_be_visible()
    assert "question=name" in page.evaluate("document.activeElement.getAttribute('href')")
    page.go_forward()
    expect(page.locator("#list [role=status]")).to_have_text("4 products found")
    reach(page, "#filters a[href*='question=name']")
    page.keyboard.press("Enter")
    expect(page.locator("#filters a")).to_have_count(1)


@pytest.mark.parametrize("side", ["category=home", "brand=", "supplier=Nordkoek+NV", "owner=an"])
def test_every_side_of_the_map_leads_to_its_products(page: Page, address: str, side: str) -> None:
    name, code = side.replace("+", " ").split("=")
    group = next(one for one in sample_report(60).groups[name] if one.code == code)  # type: ignore[index]
    page.goto(f"{address}#view=list&{side}")
    expect(page.locator("#list [role=status]")).to_have_text(f"{group.products} products found")


def test_what_is_held_back_has_pages(page: Page) -> None:
    waiting = page.locator("section[data-held=overdue]")
    expect(waiting.locator("[role=status]")).to_have_text("16 rows found")
    assert waiting.locator("tbody tr").count() == 10
    waiting.get_by_role("button", name="Next page").press("Enter")
    expect(waiting.locator("tbody tr")).to_have_count(6)
    expect(waiting.get_by_role("button", name="Previous page")).to_be_focused()
    waiting.locator("input").fill("photo")
    expect(waiting.locator("[role=status]")).to_have_text(re.compile("^[1-9] rows? found"))


def test_a_card_shows_the_product_and_marks_what_is_amiss(page: Page, address: str) -> None:
    page.goto(f"{address}#card=SKU-00050&in=en")
    dialog = page.locator("dialog")
    expect(dialog.get_by_role("heading", level=2)).to_contain_text("Product 00050 voor elke dag (en)")
    assert dialog.locator("img").get_attribute("alt") == "Foto van Product 00050 voor elke dag (en)"
    assert page.evaluate("document.querySelector('dialog img').naturalWidth") == 120
    expect(dialog.locator(".price")).to_contain_text("€12.40")
    expect(dialog.locator("h2 .number")).to_have_text("1")
    expect(dialog.locator(".amiss li").first).to_contain_text("The product has no name in this language.")
    dialog.get_by_role("button", name="Dutch").press("Enter")
    expect(dialog.get_by_role("heading", level=2)).to_contain_text("(nl)")
    expect(dialog.get_by_role("button", name="Dutch")).to_be_focused()
    assert dialog.locator("h2").get_attribute("lang") == "nl"


def test_hostile_names_stay_names(page: Page, address: str) -> None:
    for sku in ("SKU-00000", "%3CSKU%3E%20%26%20'co'", "SKU-00002", "SKU-00013"):
        page.goto(f"{address}#card={sku}&in=nl")
        expect(page.locator("dialog")).to_be_visible()
    page.goto(f"{address}#view=list&find=script&brand=%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    expect(page.locator("#list [role=status]")).to_have_text("0 products found")
    page.goto(f"{address}#view=list&find=script")
    expect(page.locator("#list-table tbody")).to_contain_text("<script>alert('koppel')</script>")
    assert page.evaluate("document.scripts.length") == 2
    assert page.title() == "Data quality of shop, 26 November 2026"
    for odd in ("#card=nothing", "#view=list&page=-7&sort=nothing", "#view=&sort.category=constructor", "#%"):
        page.goto(f"{address}{odd}")
        expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("view", ["", "#view=list", "#card=SKU-00010&in=nl"])
def test_nothing_is_cut_off_on_a_narrow_screen(page: Page, address: str, view: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{address}{view}")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    if "card" in view:
        assert page.evaluate("document.querySelector('dialog').scrollWidth") <= 320


def test_it_works_the_same_in_a_sandbox_of_the_page_that_serves_it(browser: Browser) -> None:
    """As Airflow's page sends it: scripts may run, as if from nowhere."""
    body = html.render(sample_report(21), Texts("en"))
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "sandbox allow-scripts"}
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body=body, headers=headers))
    page.goto("http://koppel.test/report")
    page.locator("a.drill[href*='owner=an']:visible").first.press("Enter")
    expect(page.locator("#list-table tbody tr").first).to_be_visible()
    page.locator("#list-table tbody a").first.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    page.go_back()
    expect(page.locator("#report")).to_be_visible()
    context.close()


def test_nothing_moves_for_whoever_does_not_want_it(page: Page) -> None:
    moving = "getComputedStyle(document.documentElement).scrollBehavior"
    assert page.evaluate(moving) == "auto"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) == "smooth"


def test_it_prints_to_a4_without_its_controls(page: Page, tmp_path: Path) -> None:
    printed = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 1
    width, height = (float(n) for n in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)[0])
    assert (round(width), round(height)) == (595, 842)
    page.emulate_media(media="print")
    assert not page.locator("input:visible, .pages:visible, .sides:visible, .show:visible").count()
    assert page.locator(".side:visible").count() == 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    path = tmp_path / "quality-en.html"
    path.write_text(html.render(sample_report(21), Texts("en")), "utf-8")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path.as_uri())
    page.add_script_tag(path=AXE)
    for view, part in (
        ("#view=report", "body"),
        ("#view=list&question=photos&language=fr", "body"),
        ("#card=SKU-00018&in=en", "dialog"),
    ):
        page.goto(f"{path.as_uri()}{view}")
        found = page.evaluate(
            "([part, tags]) => axe.run(part, {runOnly: tags, resultTypes: ['violations']})", [part, AA]
        )
        assert len(found["passes"]) > 5
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found["violations"]] == []
    context.close()


def test_it_reads_without_its_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator("table.map:visible").count() == 4
    assert page.locator("svg[role=img]:visible").count() == 4
    assert not page.locator("input:visible, button:visible, .show:visible").count()
    context.close()
