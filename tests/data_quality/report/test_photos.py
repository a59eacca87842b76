"""Small photos, and pictures that are none."""

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from data_quality.report.photos import LONGEST_SIDE, MOST_BYTES, thumbnail


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    """A picture that compresses badly."""
    return Image.effect_noise(size, 120).convert(mode)


@pytest.mark.parametrize(
    ("name", "mode"), [("a.jpg", "RGB"), ("a.png", "RGBA"), ("a.png", "P"), ("a.gif", "P"), ("a.jpg", "CMYK")]
)
def test_a_photo_becomes_a_small_jpeg(tmp_path: Path, name: str, mode: str) -> None:
    noise(mode, (900, 600)).save(tmp_path / name)
    small = thumbnail(name, tmp_path)
    assert small is not None
    assert len(small) <= MOST_BYTES
    with Image.open(io.BytesIO(small)) as image:
        assert image.format == "JPEG"
        assert max(image.size) <= LONGEST_SIDE
        assert image.width / image.height == pytest.approx(1.5, rel=0.05)


def test_what_is_transparent_turns_white(tmp_path: Path) -> None:
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "a.png")
    small = thumbnail("a.png", tmp_path)
    assert small is not None
    with Image.open(io.BytesIO(small)) as image:
        assert image.getpixel((25, 25)) == (255, 255, 255)


def huge_png(side: int) -> bytes:
    """A few bytes that claim to be a picture of side x side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"<script>",
        huge_png(20_000),
        huge_png(10_000),
        huge_png(1_000),
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"\xff\xd8\xff\xe0" * 9,
    ],
)
def test_what_is_no_sane_picture_gives_no_photo(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    assert thumbnail("a.jpg", tmp_path) is None


def test_only_files_below_the_media_root_are_opened(tmp_path: Path) -> None:
    root = tmp_path / "media"
    root.mkdir()
    Image.new("RGB", (50, 50)).save(tmp_path / "secret.jpg")
    (root / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    os.mkfifo(root / "pipe.jpg")
    for name in (
        "../secret.jpg",
        str(tmp_path / "secret.jpg"),
        "link.jpg",
        "",
        ".",
        "a\0b.jpg",
        "x" * 5000,
        "pipe.jpg",
        "none.jpg",
    ):
        assert thumbnail(name, root) is None
