"""The one hardened door to XML: no entities, no DTD, no network, no more than it should be."""

from __future__ import annotations

from lxml import etree

from disaster_hub.terms.errors import BadInput

MAX_BYTES = 20_000_000
"""The longest file known, a week of the regular feed, has 7 MB; a tree of 20 MB still fits a small machine."""

JMX = "{http://xml.kishou.go.jp/jmaxml1/}"
HEAD = "{http://xml.kishou.go.jp/jmaxml1/informationBasis1/}"
METEOROLOGY = "{http://xml.kishou.go.jp/jmaxml1/body/meteorology1/}"
BASIS = "{http://xml.kishou.go.jp/jmaxml1/elementBasis1/}"
ATOM = "{http://www.w3.org/2005/Atom}"

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)
PROLOG = 4096
"""Where a document type stands if there is one; refused here, a bomb costs nothing at all."""


def too_large(body: bytes) -> str | None:
    """Say so where *body* is larger than anything that is read here."""
    return f"{len(body)} bytes: more than {MAX_BYTES // 1_000_000} MB are not read" if len(body) > MAX_BYTES else None


def parse(body: bytes) -> etree._Element:
    """Read *body* as XML; a DTD, an entity, too much of it or a broken text raises BadInput naming where."""
    if (reason := too_large(body)) is not None:
        raise BadInput(reason)
    if b"<!DOCTYPE" in body[:PROLOG] or b"<!ENTITY" in body[:PROLOG]:
        raise BadInput("prolog: a document type or entity; no telegram or feed has one")
    try:
        root = etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError as fault:
        raise BadInput(f"not XML: {fault.msg}") from None  # the message ends with line and column
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadInput("prolog: a document type; no telegram or feed has one")
    return root


def words(element: etree._Element | None) -> str:
    """Give an element's text without the white space around it, "" where there is none."""
    return "" if element is None or element.text is None else element.text.strip()
