"""Opening a workbook that anybody may have sent: what is no workbook, too large or dangerous is refused before it is read."""

import io
import re
import warnings
import zipfile
from typing import Any, cast

from openpyxl import Workbook
from openpyxl.cell.text import Text
from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from data_quality.messages import marked
from data_quality.worklist.said import Said, say

MOST_BYTES = 20_000_000
MOST_UNPACKED = 100_000_000
MOST_PACKED = 200
"""How many times larger than the file its parts may be, once they are large enough to matter."""
_LARGE = 50_000_000
_MOST_PARTS = 2_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PARTS = re.compile(r"xl/|\[Content_Types\]")


DAMAGED = say(
    marked("The file is damaged and can't be read. Open it in your spreadsheet program, save it again and send that.")
)


class NotReadable(Exception):
    """A file that is no work list that can be read. ``why``: a sentence for the person who sent it."""

    def __init__(self, why: Said) -> None:
        self.why = why
        super().__init__(why.message)


def opened(content: bytes) -> Workbook:
    """The workbook, to be read line by line; formulas are seen as formulas. Raises NotReadable, and whatever damage does."""
    _check(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = _Reader(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        reader.read()
        return reader.wb


def _check(content: bytes) -> None:
    """Refuse what is no .xlsx, before anything of it is unpacked."""
    if not content:
        raise NotReadable(say(marked("The file is empty. Send the work list again.")))
    if len(content) > MOST_BYTES:
        size, most = len(content) // 1_000_000, MOST_BYTES // 1_000_000
        raise NotReadable(
            say(
                marked("The file has {size} MB; at most {most} MB are read. Take out what you pasted and send it again."),
                size=size, most=most,
            )
        )  # fmt: skip
    if content.startswith(_OLE):
        raise NotReadable(_old(content))
    if not content.startswith(b"PK") or not zipfile.is_zipfile(io.BytesIO(content)):
        raise NotReadable(say(marked("The file is no workbook. Send the work list itself, saved as .xlsx.")))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check_parts(archive, len(content))


def _old(content: bytes) -> Said:
    if _ENCRYPTED in content:
        return say(marked("The file is locked with a password. Take the password off and send it again."))
    return say(marked("The file is in an old format (.xls). Save it as .xlsx and send that."))


def _check_parts(archive: zipfile.ZipFile, size: int) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if any(part.flag_bits & 0x1 for part in parts):
        raise NotReadable(say(marked("The file is locked with a password. Take the password off and send it again.")))
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or (unpacked > _LARGE and unpacked > MOST_PACKED * size) or len(parts) > _MOST_PARTS:
        raise NotReadable(
            say(marked("The file is far larger than it looks, so it was not opened. Copy your values into a fresh work list."))
        )  # fmt: skip
    if any(name.casefold().endswith("vbaproject.bin") for name in names) or _has_macros(archive, names):
        raise NotReadable(
            say(marked("The file holds macros. Save it as a workbook without macros (.xlsx) and send that."))
        )
    if "content.xml" in names and "mimetype" in names:
        raise NotReadable(say(marked("The file is an OpenDocument file. Save it as .xlsx and send that.")))
    if not any(_PARTS.match(name) for name in names):
        raise NotReadable(say(marked("The file is no workbook. Send the work list itself, saved as .xlsx.")))
    for name in names:
        if name.endswith((".xml", ".rels")):
            _check_markup(archive, name)


def _has_macros(archive: zipfile.ZipFile, names: list[str]) -> bool:
    return "[Content_Types].xml" in names and b"macroEnabled" in archive.read("[Content_Types].xml")


def _check_markup(archive: zipfile.ZipFile, name: str) -> None:
    """No part of a workbook that a spreadsheet program wrote declares entities, which unfold without end."""
    with archive.open(name) as part:
        head = part.read(4096).replace(b"\x00", b"")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise NotReadable(say(marked("The file is no workbook. Send the work list itself, saved as .xlsx.")))


class _Reader(ExcelReader):
    """openpyxl's own reader, but for texts: it drops half of what stands for an underscore, and the text would be another."""

    package: Manifest
    archive: zipfile.ZipFile

    def read_strings(self) -> None:
        """The texts as they stand in the file."""
        found = cast("Any", self.package).find(SHARED_STRINGS)
        if found is not None:
            with self.archive.open(found.PartName[1:]) as source:
                self.shared_strings = list(_strings(source))


def _strings(source: Any) -> Any:
    for _, node in iterparse(source):
        if node.tag == f"{{{SHEET_MAIN_NS}}}si":
            yield cast("Any", Text).from_tree(node).content
            node.clear()
