"""The page of the stock in a real browser: it fits, it is drawn, the keyboard works, and refreshing takes nothing away."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.chromium import Chromium, Tab, needs_chromium
from tests.plugins.conftest import Served

pytestmark = needs_chromium
WIDTHS = pytest.mark.parametrize("width", [320, 768, 1280])
FOCUS = "(e => e.id || e.tagName.toLowerCase())(document.activeElement)"
OUTLINE = (
    "(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)(getComputedStyle(document.activeElement))"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser


@contextmanager
def opened(chromium: Chromium, served: Served, width: int = 1280, path: str = "/stock/") -> Iterator[Tab]:
    with chromium.tab(width, 900) as tab:
        tab.send("Network.setCookie", name="_token", value=served.tokens["VIEWER"], url=served.url)
        tab.open(served.url + path)
        yield tab


@WIDTHS
def test_it_fits_without_scrolling_sideways(chromium, served, width):
    with opened(chromium, served, width) as tab:
        tab.evaluate("document.querySelector('details').open = true")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        beyond = (
            "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        )
        assert (
            tab.evaluate(
                f"{beyond}.filter(e => !e.closest('.scroll, .cards thead')).map(e => e.outerHTML.slice(0, 80))"
            )
            == []
        )
        assert tab.evaluate("[...document.querySelectorAll('dd')].every(e => e.scrollWidth <= e.clientWidth)")


@WIDTHS
def test_the_chart_is_drawn_and_its_words_keep_their_size(chromium, served, width):
    with opened(chromium, served, width) as tab:
        box = tab.evaluate("(b => [b.width, b.height])(document.querySelector('.plot').getBoundingClientRect())")
        assert box[0] > 0.6 * min(width, 1200)
        assert box[1] > 200
        for line in (".median", ".p95"):
            drawn = f"(b => b.width > 50)(document.querySelector('.plot {line}').getBoundingClientRect())"
            assert tab.evaluate(drawn), line
        sizes = "[...document.querySelectorAll('.plot text')].map(t => t.getBoundingClientRect().height)"
        assert min(tab.evaluate(sizes)) >= 11


def test_what_somebody_wrote_does_nothing_and_the_policy_refuses_nothing_of_ours(chromium, served):
    with opened(chromium, served) as tab:
        assert tab.evaluate("window.hacked") is None
        assert tab.evaluate("document.querySelectorAll('img').length") == 0
        assert tab.evaluate("getComputedStyle(document.querySelector('.plot')).overflow") == "visible", (
            "our style holds"
        )
        assert not tab.evaluate("document.getElementById('pause').hidden"), "our script ran"
        assert tab.said == []


def test_the_keyboard_reaches_everything_and_the_focus_is_seen(chromium, served):
    with opened(chromium, served, 320) as tab:
        tab.press("Tab")
        assert (tab.evaluate(FOCUS), tab.evaluate(OUTLINE)) == ("pause", True)
        tab.press(" ")
        assert tab.evaluate("document.getElementById('pause').getAttribute('aria-pressed')") == "true"
        tab.press("Tab")
        assert (tab.evaluate(FOCUS), tab.evaluate(OUTLINE)) == ("summary", True)
        tab.press("Enter")
        assert tab.evaluate("document.querySelector('details').open")
        tab.press("Tab")
        assert (tab.evaluate(FOCUS), tab.evaluate(OUTLINE)) == ("div", True), "the table scrolls by keyboard"


def test_refreshing_brings_new_figures_and_leaves_focus_scroll_and_open_tables_alone(chromium, served):
    look_again = "document.dispatchEvent(new Event('visibilitychange'))"
    with opened(chromium, served) as tab:
        tab.evaluate("document.querySelector('details').open = true; document.querySelector('summary').focus()")
        tab.evaluate("scrollTo(0, 400)")
        served.stock.record("MECH:NEW-1", "failed", "It was refused just now.", hours=999)
        tab.wait_for("document.getElementById('troubles').textContent.includes('NEW-1')", look_again)
        assert tab.evaluate("[document.activeElement.tagName, scrollY, document.querySelector('details').open]") == [
            "SUMMARY", 400, True,
        ]  # fmt: skip
        assert tab.evaluate("document.getElementById('note').textContent") == ""
        assert tab.said == [], "the policy has nothing to refuse"
        assert tab.evaluate("window.hacked") is None
    served.stock.change("MECH:NEW-1", state="delivered", reason="")


def test_when_it_can_not_refresh_it_says_so_and_keeps_what_it_shows(chromium, served):
    with opened(chromium, served) as tab:
        tab.send("Network.clearBrowserCookies")
        tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        tab.wait_for("document.getElementById('note').textContent.includes('logged in')")
        assert "Not refreshed since" in tab.evaluate("document.getElementById('note').textContent")
        assert tab.evaluate("document.getElementById('places').rows.length") == 3


@pytest.mark.parametrize(("scheme", "is_light"), [("light", True), ("dark", False)])
def test_it_follows_light_and_dark(chromium, served, scheme, is_light):
    with opened(chromium, served) as tab:
        tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(255, 255, 255)") is is_light


def test_trouble_fits_a_small_screen_too(chromium, served):
    with opened(chromium, served, 320, "/down/") as tab:
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320
        assert "does not answer" in tab.evaluate("document.querySelector('h2').textContent")
