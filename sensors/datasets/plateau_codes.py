"""PLATEAU's code lists: what a code means stands in a file beside the model, and may differ from city to city."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lxml import etree

from disaster_hub.terms.errors import BadInput

GML = "{http://www.opengis.net/gml}"
MAX_BYTES = 5_000_000
ANCESTORS = 8
"""How many folders up from a model its city's `codelists` may lie."""
NAME = re.compile(r"[A-Za-z0-9_]{1,80}\.xml")
FOLDER = "codelists"


@dataclass
class CodeLists:
    """The code lists of one city, found beside a model or in its archive, each read once."""

    folders: tuple[Path, ...] = ()
    archive: zipfile.ZipFile | None = None
    entries: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    _read: dict[str, dict[str, str] | None] = field(default_factory=dict)

    @classmethod
    def beside(cls, model: Path) -> CodeLists:
        """Look into every `codelists` folder above *model*."""
        above = (folder / FOLDER for folder in model.absolute().parents[:ANCESTORS])
        return cls(tuple(folder for folder in above if folder.is_dir()))

    @classmethod
    def inside(cls, archive: zipfile.ZipFile, entries: dict[PurePosixPath, zipfile.ZipInfo]) -> CodeLists:
        """Look into the `codelists` folders of an archive."""
        lists = {path.name: info for path, info in entries.items() if path.parent.name == FOLDER}
        return cls(archive=archive, entries=lists)

    def meaning(self, space: str | None, code: str, where: str) -> str | None:
        """Give what *code* means in the list that *space* names.

        None where that list is not there; a code that the list does not have raises BadInput.
        """
        name = PurePosixPath((space or "").replace("\\", "/")).name
        if not NAME.fullmatch(name):
            return None
        for one in dict.fromkeys((name, name.removeprefix("WaterBody"))):
            known = self._list(one)
            if known is not None and code not in known:
                raise BadInput(f"{where}: code {code[:40]!r} is not in {FOLDER}/{one}")
            if known is not None:
                return known[code]
        return None

    def _list(self, name: str) -> dict[str, str] | None:
        """Give a list by its file name; None where there is none."""
        if name not in self._read:
            body = self._body(name)
            self._read[name] = None if body is None else _entries(body, name)
        return self._read[name]

    def _body(self, name: str) -> bytes | None:
        """Give the bytes of a list; one that is too large raises BadInput."""
        body: bytes | None = None
        if self.archive is not None and name in self.entries:
            with self.archive.open(self.entries[name]) as file:
                body = file.read(MAX_BYTES + 1)
        path = next((folder / name for folder in self.folders if (folder / name).is_file()), None)
        if path is not None:
            with path.open("rb") as plain:
                body = plain.read(MAX_BYTES + 1)
        if body is not None and len(body) > MAX_BYTES:
            raise BadInput(f"{FOLDER}/{name}: more than {MAX_BYTES // 10**6} MB of codes")
        return body


def _entries(body: bytes, name: str) -> dict[str, str]:
    """Read a list: code to meaning."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise BadInput(f"{FOLDER}/{name}: not whole XML at line {error.lineno}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadInput(f"{FOLDER}/{name}: a DOCTYPE in a code list is refused")
    found: dict[str, str] = {}
    for entry in root.iter(f"{GML}Definition"):
        code, meaning = entry.findtext(f"{GML}name"), entry.findtext(f"{GML}description")
        if code and meaning:
            found[code.strip()] = meaning.strip()
    return found
