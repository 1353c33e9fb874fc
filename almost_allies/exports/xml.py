"""XML as all formats write it."""
from __future__ import annotations

from lxml import etree

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def root(tag: str, namespace: str, schema: str = "", prefixes: dict[str, str] | None = None, **attributes: str) -> etree._Element:
    """The root element of a document; ``schema`` is the value of its xsi:schemaLocation."""
    names: dict[str | None, str] = {None: namespace}
    names.update(prefixes or {})
    names.update({"xsi": XSI} if schema else {})
    element = etree.Element(f"{{{namespace}}}{tag}", nsmap=names)
    if schema:
        element.set(f"{{{XSI}}}schemaLocation", schema)
    for key, value in attributes.items():
        element.set(key, value)
    return element


def add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A child in the parent's namespace, or in that of a ``prefix:tag``."""
    prefix, _, local = tag.rpartition(":")
    namespace = parent.nsmap.get(prefix or None) if prefix else etree.QName(parent).namespace
    child = etree.SubElement(parent, f"{{{namespace}}}{local}" if namespace else local)
    for key, value in attributes.items():
        child.set(key, value)
    child.text = text
    return child


def add_html(parent: etree._Element, html: str) -> None:
    """Append HTML, which is well-formed as `almost_allies.exports.core` writes it, as elements of the parent's namespace."""
    for source in etree.fromstring(f"<div>{html}</div>"):
        _copy(parent, source)


def _copy(parent: etree._Element, source: etree._Element) -> None:
    child = add(parent, source.tag, source.text, **dict(source.attrib))
    child.tail = source.tail
    for inner in source:
        _copy(child, inner)


def document(element: etree._Element) -> bytes:
    """The document's bytes, indented where no text is between elements."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8", pretty_print=True)
