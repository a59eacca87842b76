"""Simple product drawings: each shape is a function that draws on a square of 1000 units in the colour of the product."""

from collections.abc import Callable

from PIL import ImageDraw

RGB = tuple[int, int, int]
Draw = ImageDraw.ImageDraw
Shape = Callable[[Draw, RGB, float], None]
"""Draws with a colour at a scale (pixels per unit)."""

_GLASS: RGB = (222, 234, 240)
_DARK: RGB = (52, 54, 60)
_STEEL: RGB = (186, 192, 198)


def tone(rgb: RGB, factor: float) -> RGB:
    """A lighter (above 1) or darker (below 1) tone."""
    if factor > 1:
        red, green, blue = (round(255 - (255 - value) * (2 - factor)) for value in rgb)
    else:
        red, green, blue = (round(value * factor) for value in rgb)
    return red, green, blue


def _box(
    draw: Draw, scale: float, left: float, top: float, right: float, bottom: float, fill: RGB, radius: float = 0
) -> None:
    """A rectangle with round corners and a darker rim."""
    corners = (left * scale, top * scale, right * scale, bottom * scale)
    draw.rounded_rectangle(corners, radius * scale, fill=fill, outline=tone(fill, 0.72), width=max(1, round(4 * scale)))


def _oval(draw: Draw, scale: float, x: float, y: float, width: float, height: float, fill: RGB) -> None:
    """An ellipse around a middle."""
    corners = tuple(v * scale for v in (x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    draw.ellipse(corners, fill=fill, outline=tone(fill, 0.72), width=max(1, round(4 * scale)))


def _poly(draw: Draw, scale: float, fill: RGB, *points: tuple[float, float]) -> None:
    """A polygon with a darker rim."""
    corners = [(x * scale, y * scale) for x, y in points]
    draw.polygon(corners, fill=fill, outline=tone(fill, 0.72), width=max(1, round(4 * scale)))


def _phone(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 320, 140, 680, 860, rgb, 48)
    _box(draw, s, 340, 165, 660, 835, (30, 38, 60), 34)
    _oval(draw, s, 560, 420, 330, 330, (70, 96, 150))
    _oval(draw, s, 430, 640, 240, 240, (118, 84, 140))
    _oval(draw, s, 500, 195, 22, 22, (12, 12, 14))


def _case(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 310, 130, 690, 870, rgb, 70)
    _box(draw, s, 335, 155, 665, 845, tone(rgb, 1.12), 52)
    _box(draw, s, 365, 185, 500, 370, _DARK, 34)
    for y in (232, 322):
        _oval(draw, s, 432, y, 62, 62, (96, 104, 120))


def _screen_glass(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 380, 180, 720, 860, tone(rgb, 1.2), 44)
    _box(draw, s, 290, 130, 630, 810, _GLASS, 44)
    _poly(draw, s, (240, 247, 250), (330, 640), (590, 250), (600, 330), (350, 720))


def _charger(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 330, 300, 670, 720, rgb, 60)
    for x in (420, 540):
        _box(draw, s, x, 190, x + 40, 300, _STEEL, 10)
    _box(draw, s, 440, 600, 560, 640, _DARK, 18)


def _coffee_machine(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 270, 180, 730, 330, rgb, 36)
    _box(draw, s, 520, 300, 730, 840, tone(rgb, 0.85), 24)
    _box(draw, s, 270, 780, 730, 850, _DARK, 18)
    _box(draw, s, 370, 330, 440, 420, _STEEL, 10)
    _box(draw, s, 330, 620, 480, 775, (250, 250, 248), 22)


def _kettle(draw: Draw, rgb: RGB, s: float) -> None:
    _poly(draw, s, rgb, (350, 300), (620, 300), (690, 800), (290, 800))
    _poly(draw, s, tone(rgb, 0.9), (350, 330), (250, 400), (330, 430))
    draw.arc((600 * s, 330 * s, 800 * s, 700 * s), 260, 100, fill=_DARK, width=round(40 * s))
    _box(draw, s, 350, 250, 620, 300, _DARK, 20)
    _box(draw, s, 270, 800, 710, 850, _DARK, 16)


def _toaster(draw: Draw, rgb: RGB, s: float) -> None:
    for x in (380, 530):
        _box(draw, s, x, 260, x + 110, 420, (214, 164, 98), 26)
    _box(draw, s, 230, 380, 770, 780, rgb, 80)
    _box(draw, s, 700, 500, 760, 620, _DARK, 16)
    _oval(draw, s, 320, 690, 60, 60, _STEEL)


def _blender(draw: Draw, rgb: RGB, s: float) -> None:
    _poly(draw, s, _GLASS, (360, 220), (640, 220), (590, 600), (410, 600))
    _poly(draw, s, (196, 92, 120), (378, 360), (622, 360), (590, 595), (410, 595))
    _box(draw, s, 340, 170, 660, 225, _DARK, 18)
    _box(draw, s, 380, 600, 620, 850, rgb, 30)
    _oval(draw, s, 500, 740, 80, 80, _STEEL)


def _pan(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 620, 470, 900, 520, _DARK, 24)
    _oval(draw, s, 420, 500, 560, 560, tone(rgb, 0.8))
    _oval(draw, s, 420, 500, 470, 470, rgb)
    _oval(draw, s, 380, 460, 240, 200, tone(rgb, 1.12))


def _pot(draw: Draw, rgb: RGB, s: float) -> None:
    for x in (180, 740):
        _box(draw, s, x, 460, x + 80, 530, tone(rgb, 0.75), 24)
    _box(draw, s, 240, 400, 760, 760, rgb, 60)
    _oval(draw, s, 500, 400, 540, 130, tone(rgb, 1.15))
    _oval(draw, s, 500, 345, 80, 50, _DARK)


def _knife(draw: Draw, rgb: RGB, s: float) -> None:
    _poly(draw, s, _STEEL, (130, 520), (600, 430), (600, 540), (250, 545))
    _box(draw, s, 600, 425, 880, 515, rgb, 30)
    for x in (670, 740, 810):
        _oval(draw, s, x, 470, 22, 22, _STEEL)


def _dish(draw: Draw, rgb: RGB, s: float) -> None:
    for x in (140, 780):
        _box(draw, s, x, 440, x + 80, 540, tone(rgb, 0.9), 24)
    _box(draw, s, 200, 330, 800, 680, rgb, 70)
    _box(draw, s, 250, 370, 750, 640, tone(rgb, 0.86), 50)


def _spatula(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 475, 400, 525, 880, (176, 130, 88), 24)
    _box(draw, s, 400, 130, 600, 430, rgb, 60)
    for x in (450, 490, 530):
        _box(draw, s, x, 200, x + 20, 360, tone(rgb, 0.7), 8)


def _wine_glass(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 490, 540, 510, 820, _GLASS, 4)
    _oval(draw, s, 500, 830, 260, 50, tone(rgb, 1.2))
    _oval(draw, s, 500, 370, 300, 420, _GLASS)
    _poly(draw, s, (126, 30, 52), (362, 400), (638, 400), (580, 540), (500, 572), (420, 540))


def _beer_glass(draw: Draw, rgb: RGB, s: float) -> None:
    _poly(draw, s, _GLASS, (340, 220), (660, 220), (600, 640), (400, 640))
    _poly(draw, s, (226, 158, 48), (352, 320), (648, 320), (600, 630), (400, 630))
    _box(draw, s, 338, 200, 662, 320, (252, 248, 238), 40)
    _box(draw, s, 480, 640, 520, 780, tone(rgb, 1.1), 4)
    _oval(draw, s, 500, 800, 240, 50, _GLASS)


def _tumbler(draw: Draw, rgb: RGB, s: float) -> None:
    _poly(draw, s, tone(rgb, 1.35), (330, 280), (670, 280), (630, 780), (370, 780))
    _poly(draw, s, (176, 210, 228), (345, 460), (655, 460), (630, 770), (370, 770))
    _oval(draw, s, 500, 280, 340, 60, tone(rgb, 1.55))


def _plate(draw: Draw, rgb: RGB, s: float) -> None:
    _oval(draw, s, 500, 500, 680, 680, rgb)
    _oval(draw, s, 500, 500, 450, 450, tone(rgb, 1.15))


def _mug(draw: Draw, rgb: RGB, s: float) -> None:
    draw.arc((560 * s, 380 * s, 800 * s, 680 * s), 270, 90, fill=tone(rgb, 0.8), width=round(44 * s))
    _box(draw, s, 300, 300, 680, 780, rgb, 50)
    _oval(draw, s, 490, 310, 380, 80, tone(rgb, 0.7))


def _cutlery(draw: Draw, rgb: RGB, s: float) -> None:
    for x, top in ((330, 150), (500, 150), (670, 150)):
        _box(draw, s, x - 18, 420, x + 18, 860, rgb, 16)
        _oval(draw, s, x, top + 140, 90 if x != 670 else 50, 290, _STEEL)


def _bottle(draw: Draw, rgb: RGB, s: float, glass: RGB, neck: float, shoulder: float) -> None:
    _box(draw, s, 500 - neck, 130, 500 + neck, shoulder + 60, glass, 14)
    _box(draw, s, 500 - neck - 70, shoulder, 500 + neck + 70, 870, glass, 60)
    _box(draw, s, 500 - neck - 64, 540, 500 + neck + 64, 760, tone(rgb, 1.25), 8)
    _box(draw, s, 500 - neck, 120, 500 + neck, 200, rgb, 10)


def _beer_bottle(draw: Draw, rgb: RGB, s: float) -> None:
    _bottle(draw, rgb, s, (104, 62, 28), 45, 360)


def _wine_bottle(draw: Draw, rgb: RGB, s: float) -> None:
    _bottle(draw, rgb, s, (40, 62, 44), 38, 330)


def _soft_bottle(draw: Draw, rgb: RGB, s: float) -> None:
    _bottle(draw, rgb, s, tone(rgb, 1.45), 55, 290)


def _bag(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 320, 210, 680, 850, rgb, 24)
    _box(draw, s, 300, 170, 700, 250, tone(rgb, 0.8), 10)
    _box(draw, s, 380, 430, 620, 660, (246, 240, 228), 12)
    _oval(draw, s, 500, 330, 50, 50, _DARK)


def _spray(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 460, 240, 540, 420, tone(rgb, 1.2), 10)
    _poly(draw, s, _DARK, (380, 160), (640, 160), (640, 240), (380, 260))
    _box(draw, s, 360, 380, 640, 860, rgb, 60)
    _box(draw, s, 400, 520, 600, 740, (250, 250, 246), 16)


def _jug(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 300, 300, 700, 850, rgb, 60)
    _box(draw, s, 560, 380, 640, 560, tone(rgb, 0.7), 36)
    _box(draw, s, 350, 200, 470, 310, _DARK, 18)
    _box(draw, s, 340, 600, 640, 780, (250, 250, 246), 16)


def _brush(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 470, 120, 530, 620, (190, 146, 100), 28)
    _box(draw, s, 360, 600, 640, 680, rgb, 30)
    for x in range(375, 630, 28):
        _box(draw, s, x, 680, x + 12, 830, (214, 196, 160), 4)


def _towel(draw: Draw, rgb: RGB, s: float) -> None:
    for step in range(4):
        _box(draw, s, 250, 330 + step * 110, 750, 450 + step * 110, tone(rgb, 1.12 - step * 0.08), 46)


def _bedding(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 220, 250, 480, 420, tone(rgb, 1.2), 50)
    _box(draw, s, 520, 250, 780, 420, tone(rgb, 1.2), 50)
    _box(draw, s, 180, 400, 820, 800, rgb, 40)
    _box(draw, s, 180, 400, 820, 490, tone(rgb, 0.88), 20)


def _candle(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 390, 360, 610, 840, rgb, 24)
    _oval(draw, s, 500, 362, 220, 54, tone(rgb, 1.2))
    _box(draw, s, 496, 300, 504, 360, _DARK)
    _oval(draw, s, 500, 250, 50, 110, (248, 190, 72))


def _basket(draw: Draw, rgb: RGB, s: float) -> None:
    draw.arc((380 * s, 220 * s, 620 * s, 560 * s), 180, 0, fill=tone(rgb, 0.7), width=round(30 * s))
    _poly(draw, s, rgb, (220, 390), (780, 390), (700, 820), (300, 820))
    for y in range(450, 810, 60):
        draw.line((250 * s, y * s, 750 * s, y * s), fill=tone(rgb, 0.8), width=round(8 * s))


def _crate(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 200, 320, 800, 780, rgb, 20)
    for y in (470, 620):
        draw.line((200 * s, y * s, 800 * s, y * s), fill=tone(rgb, 0.7), width=round(12 * s))
    _box(draw, s, 420, 370, 580, 420, tone(rgb, 0.5), 22)


def _cushion(draw: Draw, rgb: RGB, s: float) -> None:
    _poly(draw, s, rgb, (210, 230), (500, 265), (790, 230), (755, 500), (790, 790), (500, 755), (210, 790), (245, 500))
    for x in range(320, 700, 60):
        draw.line((x * s, 280 * s, x * s, 740 * s), fill=tone(rgb, 0.9), width=round(8 * s))


def _roll(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 220, 420, 780, 580, rgb, 70)
    _oval(draw, s, 250, 500, 90, 160, tone(rgb, 0.75))
    _poly(draw, s, tone(rgb, 1.15), (330, 575), (780, 575), (840, 760), (390, 760))


def _card(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 190, 300, 810, 700, rgb, 40)
    _box(draw, s, 190, 380, 810, 440, tone(rgb, 0.6))
    _box(draw, s, 250, 540, 520, 590, tone(rgb, 1.4), 14)


def _book(draw: Draw, rgb: RGB, s: float) -> None:
    _box(draw, s, 290, 170, 720, 830, tone(rgb, 0.8), 18)
    _box(draw, s, 270, 150, 690, 810, rgb, 18)
    _oval(draw, s, 480, 430, 220, 220, (206, 120, 72))


SHAPES: dict[str, Shape] = {
    "phone": _phone, "case": _case, "screen_glass": _screen_glass, "charger": _charger,
    "coffee_machine": _coffee_machine, "kettle": _kettle, "toaster": _toaster, "blender": _blender, "pan": _pan,
    "pot": _pot, "knife": _knife, "dish": _dish, "spatula": _spatula, "wine_glass": _wine_glass,
    "beer_glass": _beer_glass, "tumbler": _tumbler, "plate": _plate, "mug": _mug, "cutlery": _cutlery,
    "beer_bottle": _beer_bottle, "wine_bottle": _wine_bottle, "soft_bottle": _soft_bottle, "bag": _bag,
    "spray": _spray, "jug": _jug, "brush": _brush, "towel": _towel, "bedding": _bedding, "candle": _candle,
    "basket": _basket, "box": _crate, "cushion": _cushion, "roll": _roll, "card": _card, "book": _book,
}  # fmt: skip
