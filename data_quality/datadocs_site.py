"""Great Expectations' Data Docs as pages that stand alone: no script, no request to anyone, every value escaped.

Its own pages load scripts, styles and a picture that counts its readers from hosts elsewhere, and put the elements of lists
into the page as they are. This is its hook for views and sites; the templates beside take the place of its own.
"""

import copy
import html
from pathlib import Path
from typing import Any

from great_expectations.render import RenderedComponentContent
from great_expectations.render.renderer.site_builder import SiteBuilder
from great_expectations.render.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from jinja2 import ChoiceLoader, FileSystemLoader, pass_context

from koppel.appendix import POLICY, style

_TEMPLATES = Path(__file__).parent / "templates"


class PageView(DefaultJinjaPageView):  # type: ignore[misc]
    """A page of results, made of our templates where there is one and of Great Expectations' elsewhere."""

    def __init__(self, **directories: Any) -> None:
        super().__init__(**directories)
        assert self.env.loader is not None  # noqa: S101 (for the type checker: Great Expectations has just set it)
        self.env.loader = ChoiceLoader([FileSystemLoader(_TEMPLATES), self.env.loader])
        self.env.globals |= {"policy": POLICY, "style": style()}

    @pass_context
    def render_content_block(self, jinja_context: Any, content_block: Any, *rest: Any, **more: Any) -> Any:
        """As Great Expectations does, but text is text."""
        return super().render_content_block(jinja_context, _as_text(content_block), *rest, **more)

    def render_string_template(self, template: Any) -> Any:
        """As Great Expectations does (it escapes the parameters), but sentence and tooltip are text too, and link nowhere."""
        if not isinstance(template, dict):
            return _as_text(template)
        safe = copy.deepcopy(template)
        safe["template"] = html.escape(safe.get("template", ""), quote=False)
        if "tooltip" in safe:
            safe["tooltip"]["content"] = html.escape(safe["tooltip"]["content"], quote=False)
        for styling in safe.get("styling", {}).get("params", {}).values():
            if styling.get("tag") == "a":  # to the page of a suite, or to a site of theirs: neither is here
                styling |= {"tag": "span", "attributes": {}}
        return super().render_string_template(safe)


class IndexView(PageView, DefaultJinjaIndexPageView):  # type: ignore[misc]
    """The page that lists the runs."""


class Site(SiteBuilder):  # type: ignore[misc]
    """The pages of validations and their list; neither suites nor profiles, and none of Great Expectations' fonts and pictures."""

    def __init__(self, context: Any, folder: Path, name: str) -> None:
        super().__init__(
            data_context=context,
            store_backend={"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
            site_name=name,
            show_how_to_buttons=False,
            site_section_builders={
                "expectations": "none",
                "profiling": "none",
                "validations": {"view": _view(PageView)},
            },
            site_index_builder={"class_name": "DefaultSiteIndexBuilder", "view": _view(IndexView)},
            runtime_environment={"data_context": context, "root_directory": context.root_directory},
        )
        self.target_store.copy_static_assets = lambda: None


def _view(view: type) -> dict[str, str]:
    return {"module_name": view.__module__, "class_name": view.__name__}


def _as_text(block: Any) -> Any:
    """What has a structure keeps it; everything else is escaped, also inside lists."""
    if block is None or isinstance(block, dict | RenderedComponentContent):
        return block
    if isinstance(block, list):
        return [_as_text(element) for element in block]
    return html.escape(str(block), quote=False)
