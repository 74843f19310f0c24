"""HTML: the prose of a page. Scripts, navigation, page headers and footers, code and hidden parts are left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from summae.errors import InputError
from summae.inputs.formats.charset import decode
from summae.inputs.formats.extras import needs
from summae.inputs.formats.paragraphs import paragraphs

if TYPE_CHECKING:
    from lxml.etree import _Element

HEAD = 4096  # bytes in which a page says its character set: browsers look at 1,024, some pages are late
MEDIA = ("text/html", "application/xhtml+xml")
BEGINS = re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>\s*)?<(!doctype\s+html|html)\b", re.IGNORECASE)

_CHARSET = re.compile(rb"""<meta\b[^>]*?charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
_DROPPED = frozenset(
    "head script style noscript template nav aside footer pre button select textarea"
    " svg math iframe object audio video canvas del s strike".split()
)
_BLOCKS = frozenset(
    "address article blockquote body caption center dd details div dl dt fieldset figcaption figure form"
    " h1 h2 h3 h4 h5 h6 header hr legend li main ol p section summary table tbody thead tfoot tr ul".split()
)
_CELLS = ("td", "th")


def read(data: bytes, name: str, errors: str) -> list[str]:
    """The blocks of a page in order; of its ``main`` part only where it has one."""
    return prose(_decoded(data, name, errors), name)


def titles(data: bytes, name: str, errors: str) -> list[str]:
    """Its headings down to the third level, those of ``main`` only where it has one; its title where it has none."""
    tree = _tree(_decoded(data, name, errors), name)
    if tree is None:
        return []
    main = tree.find(".//main")
    headings = (tree if main is None else main).iter("h1", "h2", "h3")
    found = [heading for heading in headings if not any(map(_unseen, [heading, *heading.iterancestors()]))]
    return ["".join(each.itertext()) for each in found or tree.iterfind("head/title")]


def prose(page: str, name: str, drop: frozenset[str] = frozenset()) -> list[str]:
    """The blocks of ``page``, without what stands in the elements named by ``drop``."""
    tree = _tree(page, name)
    if tree is None:
        return []
    main = tree.find(".//main")
    return (_blocks(main, drop) if main is not None else []) or _blocks(tree, drop)


def _decoded(data: bytes, name: str, errors: str) -> str:
    declared = _CHARSET.search(data[:HEAD])
    return decode(data, name, errors, declared[1].decode("ascii") if declared else "")


def _tree(page: str, name: str) -> _Element | None:
    """``None`` for a page of nothing but comments."""
    with needs("html", "HTML", name):
        from lxml import etree
    options = {"encoding": "utf-8", "remove_comments": True, "remove_pis": True, "huge_tree": True}
    parser = etree.HTMLParser(**options)
    tree = etree.fromstring(page.encode("utf-8", "replace"), parser)
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise InputError(f"{name}: HTML with elements nested too deep to be read")  # the rest would be missing
    return tree


def _blocks(tree: _Element, drop: frozenset[str]) -> list[str]:
    from lxml import etree

    blocks: list[list[str]] = [[]]
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if element.tag in _BLOCKS:
            blocks.append([])
        if element.tag == "br" and event == "start":
            blocks[-1].append("\n")
        if event == "end":
            blocks[-1].append(" " if element.tag in _CELLS else "")
            if element is not tree:
                blocks[-1].append(_collapsed(element.tail))
        elif element.tag in drop or _unseen(element):
            walk.skip_subtree()
        else:
            blocks[-1].append(_collapsed(element.text))
    return [paragraph for block in blocks for paragraph in paragraphs("".join(block))]


def _unseen(element: _Element) -> bool:
    """Whether a reader of the page does not see the element, or sees it on every page of the site."""
    if element.tag == "header":
        return not any(element.iterancestors("main", "article"))
    hidden = "display:none" in element.get("style", "").replace(" ", "").lower() or "hidden" in element.attrib
    return hidden or element.tag in _DROPPED


def _collapsed(text: str | None) -> str:
    """White space as a browser shows it: a line end in the source is a blank."""
    return re.sub(r"[ \t\n\r\f]+", " ", text or "")
