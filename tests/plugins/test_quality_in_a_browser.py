"""The page "Data quality" in a real browser: the report in its frame, by keyboard, on a narrow screen, and as axe-core sees it.

The browser knows the server by a name without TLS, as on many an internal network: there it tells of a form only its origin.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.data_quality.report.test_browser import AA, AXE, CHROMIUM
from tests.data_quality.worklist.lists import filled
from tests.plugins.conftest import Served
from tests.plugins.test_quality_lists import handed_out

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
NAME = "airflow.test"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        rule = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--no-proxy-server", rule])
        yield found
        found.close()


def address(served: Served) -> str:
    return f"http://{NAME}:{urlsplit(served.url).port}"


def logged_in(browser: Browser, served: Served, **how: object) -> BrowserContext:
    context = browser.new_context(**{"locale": "nl-BE", "base_url": address(served), **how})  # type: ignore[arg-type]
    context.add_cookies([{"name": "_token", "value": served.tokens["USER"], "url": address(served), "sameSite": "Lax"}])
    return context


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A page that must not break, open a dialog or ask anything of another address."""
    context = logged_in(browser, served, viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    wrong: list[str] = []
    own = (address(served), "data:")
    opened.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(own) else None)
    opened.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    yield opened
    context.close()
    assert wrong == []


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the link or button with these words has the keyboard."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == words:
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(outline) == "solid", "one sees where the keyboard is"
            return
    raise AssertionError(f"The keyboard does not get to {words}.")


def test_the_report_works_within_its_frame_and_changes_language_by_keyboard(page: Page) -> None:
    page.goto("/quality/")
    inner = page.frame_locator("iframe")
    expect(inner.locator("html")).to_have_attribute("lang", "nl")
    inner.locator("a.drill").first.press("Enter")
    expect(inner.locator("#list-title")).to_be_visible()
    inner.locator("#list-table tbody a").first.press("Enter")
    expect(inner.locator("dialog")).to_be_visible()
    assert page.frames[1].evaluate("self.origin") == "null", "the report is a page of nobody"

    page.goto("/quality/")
    tab_to(page, "Français")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(inner.locator("html")).to_have_attribute("lang", "fr")
    frame, window = page.locator("iframe").bounding_box(), page.viewport_size
    assert frame
    assert window
    assert frame["y"] + frame["height"] == pytest.approx(window["height"], abs=1), "it fills what is left"
    assert page.evaluate("document.documentElement.scrollHeight") <= window["height"]


def test_a_list_goes_out_and_comes_back_by_keyboard(page: Page, served: Served, tmp_path: Path) -> None:
    page.goto("/quality/work-lists?language=en")
    tab_to(page, "Download An Peeters")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.startswith("an-nl-")
    path = tmp_path / "back.xlsx"
    path.write_bytes(filled(Path(download.value.path()).read_bytes(), {"product|A-5|weight_kg": {"new": "0,12"}}))
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Look at it").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 accepted, 0 conflicts, 0 rejected")
    page.get_by_role("button", name="Accept 1 line").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accepted")
    assert "/done/" in page.url
    with page.expect_download() as answer:
        page.get_by_role("link", name="Download what remains to be done").press("Enter")
    assert answer.value.suggested_filename.endswith(".xlsx")


@pytest.fixture(scope="module")
def returned(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list with something of everything."""
    path = tmp_path_factory.mktemp("returned") / "an-nl-2026-11-26.xlsx"
    cells = {
        "product|A-6|weight_kg": {"new": "0,12"}, "product|A-6|property_color": {"new": "Zwart"},
        "product|A-6|property_material": {"new": "x" * 400}, "product|A-4|weight_kg": {"new": "zwaar"},
        "product|A-4|:photos": {"because": "Digitaal product, er valt niets te tonen"},
    }  # fmt: skip
    path.write_bytes(filled(handed_out(served), cells))
    return path


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_every_kind_of_page_fits_and_axe_finds_nothing(
    browser: Browser, served: Served, returned: Path, width: int, scheme: str
) -> None:
    context = logged_in(
        browser,
        served,
        viewport={"width": width, "height": 640},
        color_scheme=scheme,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = context.new_page()

    def look() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        page.add_script_tag(path=AXE)
        found = page.evaluate("tags => axe.run({runOnly: tags, resultTypes: ['violations'], iframes: false})", AA)
        assert len(found["passes"]) > 5
        wrong = [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]]
        assert wrong == [], page.url

    for path in ("/quality/", "/empty/quality/", "/quality/nothing", "/quality/work-lists?language=de"):
        page.goto(path)
        look()
    page.locator("input[type=file]").set_input_files(returned)
    page.locator("button.main").click()
    expect(page.locator("h1")).to_contain_text("angenommen")
    look()
    context.close()
