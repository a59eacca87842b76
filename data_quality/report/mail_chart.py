"""The one chart of a mail, as a small PNG: mail readers show no SVG. What it tells stands in its alternative text too."""

import io

from PIL import Image, ImageDraw, ImageFont

from data_quality.report.charts import part_labels
from data_quality.report.model import Report
from data_quality.texts import Texts

_WIDTH, _ROW, _LABEL, _FIGURE = 1120, 56, 320, 120
_INK, _OK, _IMPROVE, _BLOCK, _PAPER = "#1d2733", "#2f7d5b", "#e0b23c", "#b3362b", "#ffffff"
"""Twice the size that is shown, so that it is sharp on every screen."""


def question_bars(report: Report, texts: Texts) -> bytes:
    """Per question a bar: in order, to improve, held back, over all languages; and the share in order as a figure."""
    rows = []
    for question, cells in report.questions.items():
        asked = sum(cell.asked for cell in cells.values())
        if asked:
            parts = tuple(sum(getattr(cell, name) for cell in cells.values()) for name in ("ok", "improve", "block"))
            rows.append((texts.question(question, short=True), parts, asked))
    if not rows:
        return b""
    image = Image.new("RGB", (_WIDTH, _ROW * (len(rows) + 1) + 8), _PAPER)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=26)
    for number, (label, parts, asked) in enumerate(rows):
        _bar(draw, font, 4 + number * _ROW, label, parts, asked, texts)
    _legend(draw, font, 4 + len(rows) * _ROW, texts)
    out = io.BytesIO()
    image.quantize(32).save(out, "PNG", optimize=True)
    return out.getvalue()


def _bar(
    draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, top: int, label: str,
    parts: tuple[int, ...], asked: int, texts: Texts,
) -> None:  # fmt: skip
    draw.text((8, top + 10), label, fill=_INK, font=font)
    left, room = float(_LABEL), _WIDTH - _LABEL - _FIGURE
    for part, colour in zip(parts, (_OK, _IMPROVE, _BLOCK), strict=True):
        right = left + room * part / asked
        if part:
            draw.rectangle((left, top + 8, right, top + _ROW - 12), fill=colour, outline=_PAPER, width=2)
        left = right
    draw.text((_WIDTH - _FIGURE + 14, top + 10), texts.percent(parts[0], asked), fill=_INK, font=font)


def _legend(
    draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, top: int, texts: Texts
) -> None:  # fmt: skip
    """What the colours of the bars are."""
    left = float(_LABEL)
    for label, colour in zip(part_labels(texts).values(), (_OK, _IMPROVE, _BLOCK), strict=True):
        draw.rectangle((left, top + 14, left + 24, top + 38), fill=colour)
        draw.text((left + 34, top + 10), label, fill=_INK, font=font)
        left += 34 + draw.textlength(label, font=font) + 36
