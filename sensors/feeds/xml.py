"""The one hardened door to XML: no entities, no DTD, no network, no more than it should be."""

from __future__ import annotations

from lxml import etree

from disaster_hub.terms.errors import BadInput

MAX_BYTES = 50_000_000
DEEP_BYTES = 12_000_000
"""Above this a tree is not built: the largest telegram known is a few hundred kB."""

JMX = "{http://xml.kishou.go.jp/jmaxml1/}"
HEAD = "{http://xml.kishou.go.jp/jmaxml1/informationBasis1/}"
METEOROLOGY = "{http://xml.kishou.go.jp/jmaxml1/body/meteorology1/}"
BASIS = "{http://xml.kishou.go.jp/jmaxml1/elementBasis1/}"
ATOM = "{http://www.w3.org/2005/Atom}"


def parser() -> etree.XMLParser:
    """Give a parser that resolves nothing and reads nothing but its bytes."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )


def parse(body: bytes) -> etree._Element:
    """Read *body* as XML; a DTD, an entity, too much of it or a broken text raises BadInput naming where."""
    if len(body) > MAX_BYTES:
        raise BadInput(f"{len(body)} bytes: more than the {MAX_BYTES // 1_000_000} MB that a telegram may have")
    if b"<!DOCTYPE" in body[:4096] or b"<!ENTITY" in body[:4096]:
        raise BadInput("a document type or entity: no telegram has one")
    try:
        root = etree.fromstring(body, parser())
    except etree.XMLSyntaxError as fault:
        line, column = fault.position
        raise BadInput(f"line {line}, column {column}: {fault.msg}") from None
    except ValueError as fault:
        raise BadInput(f"not XML: {fault}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadInput("a document type: no telegram has one")
    return root


def words(element: etree._Element | None) -> str:
    """Give an element's text without the white space around it, "" where there is none."""
    return "" if element is None or element.text is None else element.text.strip()
