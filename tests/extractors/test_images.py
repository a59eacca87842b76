"""read_images: facts of good files, a sentence for bad ones, and nothing outside the media folder."""

import hashlib
import io
import struct
import zlib
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from extractors import images
from extractors.images import read_images
from koppel.entities import PRODUCT_IMAGE


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(stream, kind)
    return stream.getvalue()


@pytest.fixture
def media(tmp_path: Path) -> Path:
    (tmp_path / "media").mkdir()
    return tmp_path / "media"


def read(media: Path, **columns: list) -> list[dict]:
    count = len(next(iter(columns.values())))
    frame = pd.DataFrame({"sku": [f"S{i}" for i in range(count)], "position": 1, **columns}, index=range(7, 7 + count))
    found = read_images(PRODUCT_IMAGE, frame, media)
    assert list(found.index) == list(frame.index)
    assert list(found["sku"]) == list(frame["sku"])
    return found.to_dict("records")


def facts(media: Path, name: str | None) -> dict:
    return read(media, file=[name])[0]


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif")])
def test_a_good_file(media: Path, kind: str, mime: str) -> None:
    content = picture(kind)
    (media / "a").mkdir()
    (media / "a/b.bin").write_bytes(content)  # the content tells the type, not the name
    found = facts(media, "a/b.bin")
    assert found["content_hash"] == hashlib.sha256(content).hexdigest()
    assert (found["mime_type"], found["width_px"], found["height_px"]) == (mime, 40, 30)
    assert (found["size_bytes"], found["problem"]) == (len(content), "")


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/passwd", "a/../../secret.png", "..\\secret.png", "link.png", ".", "a\0b.png"]
)
def test_a_path_never_leaves_the_media_folder(media: Path, name: str) -> None:
    (media.parent / "secret.png").write_bytes(picture())
    (media / "link.png").symlink_to(media.parent / "secret.png")
    found = facts(media, name)
    assert "leads out of the media folder" in found["problem"]
    assert pd.isna(found["content_hash"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        (b"", "empty"),
        (b"<html>not found</html>", "not an image"),
        (picture()[:900], "damaged or cut off"),
        (picture("JPEG", (200, 200))[:2000], "damaged or cut off"),
        (picture("WEBP"), "WEBP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not an image"),
    ],
)
def test_what_can_not_be_used_has_a_sentence(media: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (media / "x.jpg").write_bytes(content)
    assert words in facts(media, "x.jpg")["problem"]


def test_a_decompression_bomb_is_not_unpacked(media: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    for side in (9_000, 60_000):  # beyond our limit; beyond Pillow's own
        header = chunk(b"IHDR", struct.pack(">LLBBBBB", side, side, 8, 0, 0, 0, 0))
        (media / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * side)))
        assert "million" in facts(media, "bomb.png")["problem"]


def test_a_folder_and_no_name_at_all(media: Path) -> None:
    (media / "folder").mkdir()
    assert "is no file" in facts(media, "folder")["problem"]
    assert "No file is named" in facts(media, None)["problem"]
    assert "No file is named" in read(media, alt_text_nl=["x"])[0]["problem"]


def test_a_file_that_changed_is_read_again(media: Path) -> None:
    (media / "x.png").write_bytes(picture())
    before = facts(media, "x.png")["content_hash"]
    (media / "x.png").write_bytes(picture(size=(41, 30)))
    assert facts(media, "x.png")["content_hash"] != before


def test_bytes_become_a_file_named_by_their_hash(media: Path) -> None:
    content = picture("GIF")
    name = f"{hashlib.sha256(content).hexdigest()}.gif"
    found = read(media / "new", content_hex=[content.hex(), "\\x" + content.hex().upper(), "nonsense", None])
    assert [row["file"] for row in found[:2]] == [name, name]
    assert "content_hex" not in found[0]
    assert [path.name for path in (media / "new").iterdir()] == [name]
    assert (media / "new" / name).read_bytes() == content
    assert found[0]["mime_type"] == "image/gif"
    assert "no hexadecimal digits" in found[2]["problem"]
    assert "No file is named" in found[3]["problem"]


def test_bytes_that_are_no_image_are_told_so(media: Path) -> None:
    assert "not an image" in read(media, content_hex=[b"hello".hex()])[0]["problem"]


def test_bytes_win_from_a_file_name_and_a_row_without_them_keeps_it(media: Path) -> None:
    (media / "old.png").write_bytes(picture())
    found = read(media, file=["old.png", "old.png"], content_hex=[picture("GIF").hex(), None])
    assert found[0]["file"].endswith(".gif")
    assert (found[1]["file"], found[1]["problem"]) == ("old.png", "")


def test_too_large_a_file(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_BYTES", 10)
    (media / "large.png").write_bytes(picture())
    assert "is allowed" in facts(media, "large.png")["problem"]
    assert "is allowed" in read(media, content_hex=[picture().hex()])[0]["problem"]


def test_an_empty_frame_has_all_columns_with_their_types(media: Path) -> None:
    frame = read_images(PRODUCT_IMAGE, pd.DataFrame({"sku": pd.Series([], dtype="str")}), media)
    assert {"file", "content_hash", "mime_type", "width_px", "height_px", "size_bytes", "problem"} <= set(frame)
    assert str(frame["width_px"].dtype) == "Int64"


def test_a_picture_has_a_look_and_what_is_none_has_not(media: Path) -> None:
    (media / "x.png").write_bytes(picture())
    (media / "no.png").write_bytes(b"<html>")
    found = read(media, file=["x.png", "no.png", None])
    assert len(found[0]["look_hash"]) == 16
    assert pd.isna(found[1]["look_hash"])
    assert pd.isna(found[2]["look_hash"])
