"""Documents to text: the exact text that comes out of each format, and the one line for those that hold none."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import zipfile

import pytest
from handmade import mail, pdf

from summae.errors import InputError, MissingExtraError
from summae.inputs.formats import READERS, SUFFIXES, extract, kind_of, titles
from summae.inputs.formats.charset import decode
from summae.inputs.formats.paragraphs import one_line, paragraphs
from summae.text.sentences import sentences

WRAPPED = [
    "The old bridge over the river was closed to all lorries on Monday, as",
    "the city council had decided in spring. Engineers had found cracks in",
    "two of its pillars.",
]


def blocks(data: bytes, name: str, errors: str = "strict") -> list[str]:
    """The blocks of a document; that they are joined by blank lines is checked on the way."""
    text = extract(data, name, errors)
    assert text is not None
    return text.split("\n\n")


def refusal(data: bytes, name: str, kind: type[Exception] = InputError) -> str:
    with pytest.raises(kind) as caught:
        extract(data, name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# -- which format -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"%PDF-1.7\n", "report", "PDF"),
        (b"%PDF-1.7\n", "report.md", "PDF"),
        (b"text", "report.PDF", "PDF"),
        (b"PK\x03\x04..[Content_Types].xml..word/document.xml", "standard input", "Word"),
        (b"PK\x03\x04..mimetypeapplication/epub+zip", "book", None),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", "standard input", "HTML"),
        (b'<?xml version="1.0"?>\n<html xmlns="x">', "page.txt", "HTML"),
        (b"<htmlx>", "page.txt", None),
        (b"a <html> tag", "page.htm", "HTML"),
        (b"Received: from x\n", "standard input", "mail"),
        (b"Received with thanks", "standard input", None),
        (b"# Head", "a.b.md", "Markdown"),
        (b"# Head", "md", None),
        (b"text", "a.txt", None),
    ],
)
def test_the_beginning_decides_then_the_suffix(data: bytes, name: str, kind: str | None) -> None:
    assert kind_of(data, name) == kind


def test_plain_text_is_left_to_others() -> None:
    assert extract(b"Just text.", "a.txt") is None
    assert extract(b"", "a.txt") is None


def test_no_two_formats_share_a_suffix() -> None:
    assert len(set(SUFFIXES)) == len(SUFFIXES)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_empty_documents(suffix: str) -> None:
    assert refusal(b" \n", f"a{suffix}") == f"a{suffix}: empty, nothing to read"


@pytest.mark.parametrize(
    ("name", "module", "line"),
    [
        ("a.pdf", "pypdf", "a.pdf: reading PDF needs the extra 'pdf': pip install 'summae[pdf]'"),
        ("a.docx", "docx", "a.docx: reading Word needs the extra 'docx': pip install 'summae[docx]'"),
        ("a.html", "lxml", "a.html: reading HTML needs the extra 'html': pip install 'summae[html]'"),
        ("a.md", "markdown_it", "a.md: reading Markdown needs the extra 'markdown': pip install 'summae[markdown]'"),
    ],
)
def test_a_missing_library(name: str, module: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert refusal(b"x", name, MissingExtraError) == line
    assert blocks(mail("Plain mails need no library."), "a.eml") == ["Plain mails need no library."]


def test_libraries_wait_until_they_are_needed() -> None:
    code = "import sys, summae.inputs.read; print({'pypdf', 'docx', 'lxml', 'markdown_it'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


def test_blocks_never_share_a_sentence() -> None:
    text = extract(b"<h1>No full stop here</h1><p>One. Two.</p><li>an item</li>", "a.html")
    assert text is not None
    assert [text[span.start : span.end] for span in sentences(text)] == ["No full stop here", "One.", "Two.", "an item"]


# -- characters and lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("Grüße\r\nan\ralle".encode(), "", "Grüße\nan\nalle"),
        ("Grüße".encode("utf-8-sig"), "latin-1", "Grüße"),
        ("Grüße".encode("utf-16"), "", "Grüße"),
        ("„Grüße“ €".encode("cp1252"), "ISO-8859-1", "„Grüße“ €"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("摘要镕".encode("gbk"), "gb2312", "摘要镕"),
        ("Grüße".encode(), "no such set", "Grüße"),
        ("Grüße".encode(), "rot13", "Grüße"),
        (b"a\0b", "", "a\ufffdb"),
    ],
)
def test_characters(data: bytes, declared: str, text: str) -> None:
    assert decode(data, "x", "strict", declared) == text


def test_broken_characters() -> None:
    with pytest.raises(InputError) as caught:
        decode(b"caf\xe9", "a.md", "strict")
    line = "a.md: byte 3: not UTF-8 (byte 0xe9); convert it to UTF-8, or use --errors replace"
    assert str(caught.value) == line
    assert decode(b"caf\xe9", "a.md", "replace") == "caf\ufffd"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" a\u00a0 b\n c\t", "a b c"),
        ("Do\u00adnau\u200bdampf\ufeff", "Donaudampf"),
        ("图书馆开放\n 时间延长。", "图书馆开放时间延长。"),
        ("图书馆\nopen", "图书馆 open"),
        ("도서관\n개방", "도서관 개방"),  # Korean has blanks
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_wrapped_lines_are_joined() -> None:
    assert paragraphs("Dear Ann,\n\n" + "\n".join(WRAPPED)) == ["Dear Ann,", " ".join(WRAPPED)]


def test_an_early_line_end_ends_a_paragraph() -> None:
    found = paragraphs("\n".join(["Closed bridge", *WRAPPED, *WRAPPED]))
    assert found == ["Closed bridge", " ".join(WRAPPED), " ".join(WRAPPED)]


def test_a_small_letter_goes_on() -> None:
    assert paragraphs("\n".join(["An early line end", "in a sentence.", *WRAPPED])) == [
        "An early line end in a sentence.",
        " ".join(WRAPPED),
    ]


def test_list_items_stand_alone() -> None:
    items = ["1. " + WRAPPED[0], "- " + WRAPPED[0], "(b) " + WRAPPED[0]]
    assert paragraphs("\n".join([*WRAPPED[:2], *items])) == [" ".join(WRAPPED[:2]), *items]


def test_narrow_and_wide_lines_were_not_wrapped() -> None:
    address = ["Ann Miller", "12 Mill Street", "Velmara"]
    assert paragraphs("\n".join(address)) == address
    wide = [f"{number} {'words ' * 30}".strip() for number in range(3)]
    assert paragraphs("\n".join(wide)) == wide


def test_wrapped_chinese_is_joined_without_blanks() -> None:
    lines = ["市政府星期一宣布关闭河上的旧桥，所有卡车都不能", "通过。工程师发现桥墩有裂缝。"]
    assert paragraphs("\n".join(lines)) == ["".join(lines)]


# -- Markdown -----------------------------------------------------------------------------------------------


MARKDOWN = """\
---
title: not text
tags: [a]
---
# The *old* bridge

It was [closed](http://example.org) on **Monday**,
said `council.py` &amp; others.\\*
![a crack](crack.png)

- first item
  goes on
- second item
  1. nested

> quoted words

```python
code = "dropped"
```

    also = "code"

Underlined
----------

| Pillar | Crack |
|--------|-------|
| north  | 2 cm  |

<div>dropped</div>

Kept <b>in</b> the ~~struck~~ line<!-- comment -->.

---
Last.
"""


def test_markdown() -> None:
    assert blocks(MARKDOWN.encode(), "a.md") == [
        "The old bridge",
        "It was closed on Monday, said council.py & others.*",
        "first item goes on",
        "second item",
        "nested",
        "quoted words",
        "Underlined",
        "Pillar Crack",
        "north 2 cm",
        "Kept in the line.",
        "Last.",
    ]


def test_a_rule_is_not_front_matter() -> None:
    assert blocks(b"---\n\nOne: two.\n\n---\nThree.", "a.markdown") == ["One: two.", "Three."]


def test_markdown_with_code_only() -> None:
    assert refusal(b"```\nx\n```\n", "a.md") == "a.md: Markdown without any text"


def test_titles_of_markdown() -> None:
    text = b"---\ntitle: no\n---\n# The *old*\tbridge\n\n```\n# no\n```\n\nCrack\n-----\n\n### North\n\n#### no\n\ntext"
    assert titles(text, "a.md") == ["The old bridge", "Crack", "North"]


# -- HTML ---------------------------------------------------------------------------------------------------


def test_html() -> None:
    page = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Title</title><style>p {}</style></head>
    <body><header>Site</header><nav><ul><li>Home</li></ul></nav>
    <h1>Bridge &amp; river</h1><script>var a = "<p>no</p>";</script>
    <p>The  old
       bridge was <b>clo</b>sed&nbsp;on&#32;Monday &mdash; <del>not</del>
       <a href="x">officially</a><!-- no -->, they<?php no ?> said.</p>
    <div>Outer text<div>inner text<p>innermost</div>after</div>tail
    <ul><li>First<li>Second<ul><li>Nested</ul></ul>
    <table><tr><th>Pillar<th>Crack<tr><td>north<td>2 cm</table>
    <p hidden>Hidden</p><span style="Display: none">Preheader</span>
    <pre>code</pre><aside>Related</aside><p>One<br>Two</p><footer>Imprint</footer></body></html>"""
    assert blocks(page.encode(), "a.html") == [
        "Bridge & river",
        "The old bridge was closed on Monday — officially, they said.",
        "Outer text",
        "inner text",
        "innermost",
        "after",
        "tail",
        "First",
        "Second",
        "Nested",
        "Pillar Crack",
        "north 2 cm",
        "One",
        "Two",
    ]


def test_the_main_part_of_a_page_is_its_text() -> None:
    page = b"<div>Accept cookies</div><main><header><h1>Head</h1></header><p>Text.</p></main>more<div>and more</div>"
    assert blocks(page, "a.html") == ["Head", "Text."]
    assert blocks(b"<main></main><p>Written elsewhere.</p>", "a.html") == ["Written elsewhere."]


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        ("<meta charset=iso-8859-1>", "cp1252"),
        ('<META http-equiv="Content-Type" content="text/html; charset=windows-1252">', "cp1252"),
        ("", "utf-8"),
        ("", "utf-16"),
        ("<meta charset='koi8-r'>", "koi8-r"),
    ],
)
def test_html_character_sets(head: str, codec: str) -> None:
    words = "Мост закрыт" if codec == "koi8-r" else "Die Brücke"
    assert blocks(f"<html>{head}<p>{words}".encode(codec), "a.html") == [words]


def test_html_with_broken_characters() -> None:
    assert refusal(b"<p>caf\xe9", "a.html").startswith("a.html: byte 6: not UTF-8")
    assert blocks(b"<p>caf\xe9", "a.html", "replace") == ["caf\ufffd"]


@pytest.mark.parametrize("page", [b"<html><body></body></html>", b"<!-- only this -->", b"<script>x</script>"])
def test_html_without_text(page: bytes) -> None:
    assert refusal(page, "a.html") == "a.html: HTML without any text"


def test_html_too_deep_is_not_cut_silently() -> None:
    deep = b"<p>Start</p>" + b"<div>" * 1000
    assert blocks(deep + b"end", "a.html") == ["Start", "end"]
    assert refusal(deep * 3 + b"end", "a.html") == "a.html: HTML with elements nested too deep to be read"


@pytest.mark.parametrize("piece", ["<a ", "<a b='", "<!--", "<![if x]>", "&#", "</"])
def test_broken_html_is_read_in_linear_time(piece: str) -> None:
    """The parser of the standard library takes minutes for the first two."""
    assert blocks(b"<p>Start</p>" + piece.encode() * 200_000, "a.html")[0] == "Start"


def test_titles_of_html() -> None:
    head = "<html><head><title>Site | Page</title></head><body><header><h1>Site</h1></header>"
    page = f"{head}<h2 hidden>no</h2><h1>The <b>old</b>\nbridge</h1><p>text<h4>no</h4><h3>North</h3><h2> </h2>"
    assert titles(page.encode(), "a.html") == ["The old bridge", "North"]
    assert titles(f"{page}<main><h2>Main</h2></main>".encode(), "a.html") == ["Main"]
    assert titles(f"{head}<p>text".encode(), "a.html") == ["Site | Page"]
    assert titles(b"<html><p>text", "a.html") == titles(b"<!-- nothing -->", "a.html") == []


# -- PDF ----------------------------------------------------------------------------------------------------


def test_pdf() -> None:
    data = pdf(["Closed bridge", *WRAPPED, "Die Brücke (alt) \\ neu"])
    assert blocks(data, "a.pdf") == ["Closed bridge", " ".join(WRAPPED), "Die Brücke (alt) \\ neu"]


def test_words_cut_at_line_ends_are_made_whole() -> None:
    lines = [
        "Die Sperrung der alten Brücke trifft vor allem die Bevöl-",
        "kerung am nördlichen Ufer, wie die Stadt im Raum Rhein-",
        "Main am Montag mitteilte; betroffen sind auch die Haupt-",
        "und Nebenstraßen.",
    ]
    whole = (
        "Die Sperrung der alten Brücke trifft vor allem die Bevölkerung am nördlichen Ufer, wie die Stadt im Raum "
        "Rhein-Main am Montag mitteilte; betroffen sind auch die Haupt- und Nebenstraßen."
    )
    assert blocks(pdf(lines), "a.pdf") == [whole]


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        ["Report 1", *WRAPPED[:2], "1"],
        ["Report 2", WRAPPED[2], "Page 2 of 3"],
        ["Report 3", *WRAPPED, "- iii -"],
    ]
    assert blocks(pdf(*pages), "a.pdf") == [" ".join(WRAPPED), " ".join(WRAPPED)]
    assert " ".join(blocks(pdf(*pages[:2]), "a.pdf")).count("Report") == 2  # twice is no habit


def test_pdf_with_an_empty_password_is_read() -> None:
    assert blocks(encrypted(pdf(["Closed bridge"]), ""), "a.pdf") == ["Closed bridge"]


def encrypted(data: bytes, password: str) -> bytes:
    import pypdf

    writer = pypdf.PdfWriter(io.BytesIO(data))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_refused_pdfs(caplog: pytest.LogCaptureFixture) -> None:
    scanned = "a.pdf: PDF without any text, perhaps scanned pages; run text recognition (OCR) first"
    assert refusal(pdf([]), "a.pdf") == scanned
    assert refusal(encrypted(pdf(["x"]), "secret"), "a.pdf") == "a.pdf: encrypted; save it without a password first"
    assert refusal(pdf(["x"])[:60], "a.pdf").startswith("a.pdf: damaged PDF (")
    assert refusal(b"no PDF at all", "a.pdf").startswith("a.pdf: damaged PDF (")
    assert caplog.records == []


def test_a_pdf_in_a_cipher_that_needs_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdf

    def fail(*_: object) -> None:
        raise pypdf.errors.DependencyError("cryptography>=43 is required for AES algorithm")

    monkeypatch.setattr(pypdf.PdfReader, "decrypt", fail)
    line = "a.pdf: encrypted; save it without encryption first"
    assert refusal(encrypted(pdf(["x"]), ""), "a.pdf") == line


def test_a_pdf_with_a_broken_table_is_read_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    assert blocks(pdf(["Closed bridge"]).replace(b"startxref\n", b"startxref\n9"), "a.pdf") == ["Closed bridge"]
    assert caplog.records == []


def test_title_of_a_pdf() -> None:
    import pypdf

    writer, stream = pypdf.PdfWriter(io.BytesIO(pdf(["Closed bridge"]))), io.BytesIO()
    writer.add_metadata({"/Title": "The old  bridge"})
    writer.write(stream)
    assert titles(stream.getvalue(), "a.pdf") == ["The old bridge"]
    assert titles(pdf(["Closed bridge"]), "a.pdf") == titles(b"%PDF-1.4 damaged", "a.pdf") == []


# -- Word ---------------------------------------------------------------------------------------------------


def document() -> object:
    from docx import Document

    made = Document()
    made.add_heading("Closed bridge", 1)
    made.add_paragraph("The old bridge was ").add_run("closed").bold = True
    made.add_paragraph("first\titem", style="List Bullet")
    row = made.add_table(1, 2).rows[0].cells
    row[0].text, row[1].text = "north pillar", "2 cm"
    made.add_paragraph("  ")
    made.add_paragraph("Line\nbreak.")
    made.sections[0].header.paragraphs[0].text = "Running head"
    return made


def saved(made: object) -> bytes:
    stream = io.BytesIO()
    made.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()


def test_docx() -> None:
    expected = ["Closed bridge", "The old bridge was closed", "first item", "north pillar 2 cm", "Line break."]
    assert blocks(saved(document()), "a.docx") == expected
    assert blocks(saved(document()), "standard input") == expected


def test_docx_with_tracked_changes_links_and_text_boxes() -> None:
    from docx import Document
    from docx.oxml import parse_xml

    names = " ".join(
        f'xmlns:{short}="http://schemas.openxmlformats.org/{path}/2006{end}"'
        for short, path, end in (("w", "wordprocessingml", "/main"), ("mc", "markup-compatibility", ""))
    )
    twice = "<mc:AlternateContent><mc:Choice>{0}</mc:Choice><mc:Fallback>{0}</mc:Fallback></mc:AlternateContent>"
    box = "<w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent>"
    parts = [
        "<w:r><w:t>The </w:t></w:r><w:ins><w:r><w:t>new </w:t></w:r></w:ins>",
        "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>",
        "<w:moveFrom><w:r><w:t>moved </w:t></w:r></w:moveFrom>",
        "<w:hyperlink><w:r><w:t>bridge</w:t></w:r></w:hyperlink>",
        f"<w:r>{twice.format(box)}</w:r>",
    ]
    made = Document()
    made.element.body.insert(0, parse_xml(f"<w:p {names}>{''.join(parts)}</w:p>"))
    assert blocks(saved(made), "a.docx") == ["The new bridge", "In a box"]


def test_refused_docx() -> None:
    good = saved(document())
    line = "a.docx: not a Word file, or a damaged one ({})".format
    assert refusal(good[:500], "a.docx") == line("BadZipFile")
    assert refusal(b"no zip at all", "a.docx") == line("BadZipFile")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(stream.getvalue(), "a.docx") == line("KeyError")
    bomb = io.BytesIO(good)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media/1.png", "w") as part:
        for _ in range(257):
            part.write(bytes(1 << 20))
    assert bomb.tell() < 1 << 20 and "bytes when unpacked, at most 268,435,456 are read" in refusal(
        bomb.getvalue(), "a.docx"
    )
    old = "a.docx: an old Word file, or one with a password; save it as .docx without one"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.docx") == old
    from docx import Document

    assert refusal(saved(Document()), "a.docx") == "a.docx: Word without any text"


def test_titles_of_a_word_file() -> None:
    made = document()
    made.core_properties.title = "The bridge"  # type: ignore[attr-defined]
    made.add_heading("Too deep", 4)  # type: ignore[attr-defined]
    assert titles(saved(made), "a.docx") == ["The bridge", "Closed bridge"]


# -- mail ---------------------------------------------------------------------------------------------------


def test_mail() -> None:
    body = "Hello Bob,\n\n" + "\n".join(WRAPPED) + "\n\nAnn\n-- \nAnn Miller\nVelmara\n"
    assert blocks(mail(body), "a.eml") == ["Hello Bob,", " ".join(WRAPPED), "Ann"]
    assert blocks(mail(body).replace(b"\n", b"\r\n"), "a.eml") == ["Hello Bob,", " ".join(WRAPPED), "Ann"]


def test_title_of_a_mail_is_its_subject() -> None:
    assert titles(mail("Hello"), "a.eml") == ["The bridge"]
    coded = b"From: a@b.c\nSubject: =?utf-8?q?Br=C3=BCcke?=\n zu\n\nHello"
    assert titles(coded, "a.eml") == ["Brücke zu"]
    assert titles(b"From: a@b.c\n\nHello", "a.eml") == titles(b"Subject: none\n\nHello", "a.txt") == []


def test_quoted_mails_are_left_out() -> None:
    body = "Bob wrote on Monday at 10:00\n<bob@example.org>:\n\n> When?\n>> Why?\n\nIn May.\n\n"
    body += "Also:\nask Eve.\n> Who?\nEve.\n"
    assert blocks(mail(body), "a.eml") == ["In May.", "Also:", "ask Eve.", "Eve."]
    assert refusal(mail("> Only this.\n"), "a.eml") == "a.eml: mail without any text"


@pytest.mark.parametrize(
    ("encoding", "kind", "data"),
    [
        ("quoted-printable", "text/plain; charset=utf-8", b"Die Br=C3=BCcke ist seit Mon=\ntag zu."),
        ("quoted-printable", "text/plain; charset=iso-8859-1", b"Die Br=FCcke ist seit Montag zu."),
        ("base64", "text/plain; charset=utf-8", base64.b64encode("Die Brücke ist seit Montag zu.".encode())),
        ("8bit", "text/plain; charset=iso-8859-1", "Die Brücke ist seit Montag zu.".encode("latin-1")),
        ("8bit", "text/plain", "Die Brücke ist seit Montag zu.".encode()),
        ("8bit", "text/html; charset=utf-8", "<p>Die <b>Brücke</b> ist<br>seit Montag zu.".encode()),
        ("7bit", "text/html", b"<div>Die Br&uuml;cke ist seit Montag zu.<blockquote>Wann?</blockquote></div>"),
    ],
)
def test_mail_encodings(encoding: str, kind: str, data: bytes) -> None:
    text = " ".join(blocks(mail("", kind, encoding) + data, "a.eml"))
    assert text == "Die Brücke ist seit Montag zu."


def test_flowed_mail() -> None:
    body = "One line that \ngoes \non.\nAnother.\n\nBye \n-- \nAnn\n"
    assert blocks(mail(body, "text/plain; format=flowed"), "a.eml") == ["One line that goes on.", "Another.", "Bye"]


def part(kind: str, body: str, more: str = "") -> str:
    return f"--B\nContent-Type: {kind}; charset=utf-8\n{more}\n{body}\n"


def test_multipart_mail() -> None:
    html, plain = part("text/html", "<p>From the HTML.</p>"), part("text/plain", "From the plain text.")
    attached = part("text/plain", "Attached.", "Content-Disposition: attachment; filename=a.txt\n")

    def read(kind: str, *parts: str) -> list[str]:
        return blocks(mail("".join(parts) + "--B--\n", f'multipart/{kind}; boundary="B"'), "a.eml")

    assert read("alternative", html, plain) == ["From the plain text."]
    assert read("mixed", plain, attached) == ["From the plain text."]
    assert read("mixed", attached, html) == ["From the HTML."]
    assert read("alternative", part("text/plain", "\n"), html) == ["From the HTML."]
    with pytest.raises(InputError, match=r"^a\.eml: mail without any text$"):
        read("mixed", attached)


def test_refused_mails() -> None:
    assert refusal(b"Just text.\n", "a.eml") == "a.eml: not a mail: it has no header lines"
    assert refusal(mail("") + b"caf\xe9", "a.eml").startswith("a.eml: byte 3: not UTF-8 (byte 0xe9)")
    assert blocks(mail("") + b"caf\xe9", "a.eml", "replace") == ["caf\ufffd"]


def test_a_mail_that_the_standard_library_fails_on(monkeypatch: pytest.MonkeyPatch) -> None:
    import email.message

    def fail(*_: object) -> None:
        raise IndexError("string index out of range")

    monkeypatch.setattr(email.message.EmailMessage, "get_body", fail)
    assert refusal(mail("x"), "a.eml") == "a.eml: damaged mail (IndexError: string index out of range)"


def test_html_mail_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lxml", None)
    line = "a.eml: reading HTML needs the extra 'html': pip install 'summae[html]'"
    assert refusal(mail("<p>x", "text/html"), "a.eml", MissingExtraError) == line


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("seed", range(20))
def test_damage_never_ends_in_anything_but_one_line(kind: str, seed: int) -> None:
    """Bytes changed at random places: text comes out, or an :class:`InputError`."""
    import random

    good = {
        "PDF": pdf(["Closed bridge"]),
        "Word": saved(document()),
        "HTML": b"<p>Closed <b>bridge",
        "mail": mail("Closed bridge"),
        "Markdown": MARKDOWN.encode(),
    }[kind]
    dice, data = random.Random(seed), bytearray(good)
    for _ in range(len(data) // 30):
        data[dice.randrange(len(data))] = dice.randrange(256)
    try:
        assert extract(bytes(data), f"a{READERS[kind].suffixes[0]}", "replace")
    except InputError as error:
        assert "\n" not in str(error) and str(error).startswith("a.")
