"""Documents written by hand, byte by byte, so that no library that reads them has had a say in them."""

from __future__ import annotations


def pdf(*pages: list[str]) -> bytes:
    """A PDF of pages of lines, one below the other in Helvetica (Latin-1); a page without lines is blank."""
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", font]
    kids = []
    for lines in pages:
        shown = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
        content = f"BT /F1 11 Tf 14 TL 60 780 Td {shown}ET".encode("cp1252")
        objects.append(b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content))
        page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
        objects.append((page % len(objects)).encode())
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode()
    return _with_cross_references(objects)


def _with_cross_references(objects: list[bytes]) -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(data))
    return data + head + table + tail


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def mail(body: str, kind: str = "text/plain; charset=utf-8", encoding: str = "8bit") -> bytes:
    """A mail of one part, its body in UTF-8."""
    head = f"From: Ann <ann@example.org>\nSubject: The bridge\nContent-Type: {kind}\n"
    return f"{head}Content-Transfer-Encoding: {encoding}\n\n{body}".encode()
