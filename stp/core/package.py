"""The zip of an `.xlsx`, checked part by part before a spreadsheet library sees it.

Runs in the reader process only. Sizes in the file are never believed: every part is inflated
through our own counter, its length and CRC compared, and its XML put through a real parser that
stops at the first DOCTYPE, in any encoding. Order and limits: RELIABILITY.md §3.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import BinaryIO, NoReturn
from xml.etree.ElementTree import Element
from xml.parsers import expat

from defusedxml.ElementTree import fromstring

from stp.core.preflight import OLE_MAGIC
from stp.core.sheets import Refused, visible

MAX_PARTS = 500
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 200
RATIO_FROM = 100 * 1024  # a small part cannot do harm, however well it packs
MAX_SMALL_XML = 5 * 1024 * 1024  # workbook, relations, content types: held in memory whole
CHUNK = 64 * 1024
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
CONTENT_TYPES = "[content_types].xml"
_LOCAL = struct.Struct("<4s5H3I2H")
_VBA = "_VBA_PROJECT".encode("utf-16-le")
_END = b"PK\x05\x06"
_XML_ENDINGS = (".xml", ".rels")
_SAVE_AGAIN = "Open it in Excel, save it again as “Excel Workbook (.xlsx)” and send that."


def broken(what: str, code: str = "broken_package") -> Refused:
    """A refusal for a damaged or dressed-up package; `what` completes "The workbook …"."""
    return Refused(code, f"The workbook {what}. {_SAVE_AGAIN}")


def _bomb() -> Refused:
    return Refused(
        "too_large_unpacked",
        "The workbook unpacks to more than 100 MB, or to far more than its size. "
        "Remove sheets, pictures and unused rows that are not part of the return.",
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the zip, as its directory has it; `start` is where its bytes begin."""

    name: str
    start: int
    packed: int
    size: int
    crc: int
    deflated: bool


class Package:
    """A checked package: its parts by lower-case name, each inflated within limits."""

    def __init__(self, file: BinaryIO, parts: dict[str, Part]) -> None:
        self._file = file
        self.parts = parts

    def stream(self, name: str) -> Iterator[bytes]:
        """A part's bytes in chunks; Refused when length or CRC are not as declared."""
        part = self.parts[name.casefold()]
        total, crc = 0, 0
        for chunk in self._inflate(part):
            total += len(chunk)
            if total > part.size:
                raise broken("says a part is smaller than it is", "lying_size")
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if total != part.size:
            raise broken("says a part is larger than it is", "lying_size")
        if crc != part.crc:
            raise broken("is damaged (a checksum does not match)", "bad_checksum")

    def _inflate(self, part: Part) -> Iterator[bytes]:
        self._file.seek(part.start)
        left = part.packed
        inflater = zlib.decompressobj(-15) if part.deflated else None
        while left:
            packed = self._file.read(min(CHUNK, left))
            if not packed:
                raise broken("is cut off", "truncated")
            left -= len(packed)
            if inflater is None:
                yield packed
                continue
            while packed:
                yield inflater.decompress(packed, CHUNK)
                packed = inflater.unconsumed_tail
        if inflater is not None and (not inflater.eof or inflater.unused_data):
            raise broken("is damaged (a part does not unpack)", "bad_compression")

    def xml(self, name: str) -> Element:
        """A small part as a tree; Refused when it is missing, too large or no XML."""
        part = self.parts.get(name.casefold())
        if part is None:
            raise broken(f"lacks its part {name}", "missing_part")
        if part.size > MAX_SMALL_XML:
            raise _bomb()
        root: Element = fromstring(b"".join(self.stream(name)), forbid_dtd=True)
        return root


def _check_end(file: BinaryIO) -> None:
    """The zip must end where the file ends, and have one end only (two would be read two ways)."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 65_600))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise broken("is cut off or not a workbook at all", "truncated")
    (comment,) = struct.unpack_from("<H", tail, at + 20)
    if at + 22 + comment != len(tail) or tail.count(_END) > 1:
        raise broken("has other content glued to it", "polyglot")


def _directory(file: BinaryIO) -> list[zipfile.ZipInfo]:
    _check_end(file)
    try:
        entries = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError) as fault:
        raise broken("is damaged (its directory cannot be read)", "bad_directory") from fault
    if len(entries) > MAX_PARTS:
        raise broken(f"has {len(entries):,} parts; the most we take is {MAX_PARTS}", "many_parts")
    return entries


def _check_name(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    odd = (
        not name
        or name.startswith("/")
        or "\\" in name
        or ":" in name
        or not name.isprintable()
        or any(step in ("..", ".", "") for step in name.rstrip("/").split("/"))
    )
    if odd:
        raise broken(f"has a part with an odd name (“{visible(name, 60)}”)", "odd_part_name")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    _check_name(entry)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise broken("has a link in place of a part", "symlink")
    if entry.flag_bits & 0x2041:
        raise broken("has an encrypted part", "encrypted_part")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise broken("is packed by a method Excel does not use", "odd_method")
    if entry.file_size > max(RATIO_FROM, entry.compress_size * MAX_RATIO):
        raise _bomb()


def _locate(file: BinaryIO, entry: zipfile.ZipInfo) -> Part:
    """Where a part's bytes start, by its own header, which must name the same part."""
    file.seek(entry.header_offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        raise broken("is cut off", "truncated")
    mark, _, flags, method, _, _, _, _, _, name_length, extra = _LOCAL.unpack(head)
    raw = file.read(name_length)
    same = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace") == entry.orig_filename
    if mark != b"PK\x03\x04" or not same or method != entry.compress_type:
        raise broken("is damaged (a part and its entry differ)", "bad_directory")
    start = entry.header_offset + _LOCAL.size + name_length + extra
    deflated = entry.compress_type == zipfile.ZIP_DEFLATED
    return Part(
        entry.orig_filename, start, entry.compress_size, entry.file_size, entry.CRC, deflated
    )


def _check_overlap(entries: list[zipfile.ZipInfo], parts: list[Part]) -> None:
    """Parts lie one behind the other from byte 0: none shared, nothing in front."""
    spans = sorted(
        (entry.header_offset, part.start + part.packed)
        for entry, part in zip(entries, parts, strict=True)
    )
    if spans[0][0] != 0:
        raise broken("has other content glued to it", "polyglot")
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise broken("has parts that overlap", "overlapping_parts")


def _check_directory(file: BinaryIO) -> Package:
    entries = _directory(file)
    for entry in entries:
        _check_entry(entry)
    names = [entry.orig_filename.casefold() for entry in entries]
    if len(set(names)) < len(names):
        raise broken("has the same part twice", "duplicate_part")
    if not entries:
        raise broken("is empty", "missing_part")
    parts = [_locate(file, entry) for entry in entries]
    _check_overlap(entries, parts)
    packed = sum(part.packed for part in parts)
    total = sum(part.size for part in parts)
    if total > MAX_UNPACKED or total > max(RATIO_FROM, packed * MAX_RATIO):
        raise _bomb()
    return Package(file, dict(zip(names, parts, strict=True)))


def _refuse_doctype(*_: object) -> NoReturn:
    raise broken("has a document type or entities in its XML, which Excel never writes", "doctype")


def xml_parser() -> expat.XMLParserType:
    """An expat parser that stops at a DOCTYPE, hence before any entity is declared or used."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    parser.ExternalEntityRefHandler = _refuse_doctype
    return parser


def _looks_like_xml(start: bytes) -> bool:
    return start.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<"


def _check_part(package: Package, name: str) -> None:
    """Inflate one part wholly, through the XML parser where it is XML; look for macros."""
    by_name = name.endswith(_XML_ENDINGS)
    parser: expat.XMLParserType | None = None
    before = b""
    is_ole = False
    for index, chunk in enumerate(package.stream(name)):
        if index == 0 and (by_name or _looks_like_xml(chunk)):
            parser = xml_parser()
        is_ole = is_ole or (index == 0 and chunk.startswith(OLE_MAGIC))
        if is_ole and _VBA in before + chunk:
            raise _macros()
        before = chunk[-len(_VBA) :]
        if parser is not None and not _fed(parser, chunk, strict=by_name):
            parser = None
    if parser is not None:
        _fed(parser, b"", strict=by_name, final=True)


def _fed(parser: expat.XMLParserType, chunk: bytes, *, strict: bool, final: bool = False) -> bool:
    """Feed a chunk; False where a part that is no XML by name turned out to be none inside."""
    try:
        parser.Parse(chunk, final)
    except expat.ExpatError as fault:
        if strict:
            raise broken("is damaged (a part is not well-formed XML)", "broken_xml") from fault
        return False
    return True


def _macros() -> Refused:
    return Refused(
        "macros",
        "The workbook holds macros, which we do not take. In Excel choose File, Save As, "
        "“Excel Workbook (.xlsx)”, agree to save without macros, and send that.",
    )


def _types(package: Package) -> dict[str, str]:
    """Content type by part name, and by ".ending" for the defaults; all lower case."""
    found: dict[str, str] = {}
    for element in package.xml(CONTENT_TYPES):
        kind = element.get("ContentType", "").casefold()
        name = element.get("PartName", "").casefold().lstrip("/")
        found[name or "." + element.get("Extension", "").casefold()] = kind
    return found


def _check_types(package: Package) -> None:
    types = _types(package)
    kinds = set(types.values())
    if any("binary" in kind and "sheet" in kind for kind in kinds):
        raise Refused("binary_workbook", f"This is a binary workbook (.xlsb). {_SAVE_AGAIN}")
    marks = ("macroenabled", "vbaproject", "macrosheet", "activex")
    if any(mark in kind for kind in kinds for mark in marks):
        raise _macros()
    if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in package.parts):
        raise _macros()
    main = types.get(WORKBOOK, types.get(".xml", ""))
    if "wordprocessingml" in "".join(kinds) and WORKBOOK not in package.parts:
        raise Refused("not_a_workbook", "This is a Word document. Send the workbook (.xlsx).")
    if "spreadsheetml.sheet.main+xml" not in main or WORKBOOK not in package.parts:
        raise broken("has no workbook inside", "missing_workbook")


def _check_relations(package: Package) -> None:
    for name in package.parts:
        if not name.endswith(".rels"):
            continue
        for element in package.xml(name):
            kind = element.get("Type", "").casefold()
            if kind.endswith(("/vbaproject", "/xlmacrosheet", "/control")):
                raise _macros()


def check(file: BinaryIO) -> Package:
    """Every check of the package, cheapest first; Refused with a code and a sentence.

    The file must stay open for as long as the package's parts are read.
    """
    package = _check_directory(file)
    for name in package.parts:
        _check_part(package, name)
    _check_types(package)
    _check_relations(package)
    if "purl.oclc.org/ooxml" in package.xml(WORKBOOK).tag:
        raise Refused(
            "strict_ooxml",
            "The workbook was saved as “Strict Open XML Spreadsheet”. In Excel choose File, "
            "Save As, “Excel Workbook (.xlsx)”, and send that.",
        )
    return package


def resolve(target: str) -> str:
    """A relation's target as a part name, lower case: relative to xl/, or from the root."""
    path = PurePosixPath("/xl") / target
    steps: list[str] = []
    for step in path.parts[1:]:
        if step == "..":
            steps = steps[:-1]
        else:
            steps.append(step)
    return "/".join(steps).casefold()
