"""What each format becomes, and the code that each kind of bad file gets."""

from __future__ import annotations

import pytest

from domain.knowledge.chunking import sections_of
from domain.knowledge.document import Block, DocumentKind
from domain.knowledge.kinds import kind_of
from domain.knowledge.problems import UnreadableDocument
from engines.documents.reader import MOST_CHARS, read
from tests.engines.documents import files

PDF, DOCX, HTML, MARKDOWN, TEXT = DocumentKind


def texts(blocks: list[Block]) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in blocks]


def test_a_pdf_has_headings_by_size_joined_lines_and_pages():
    content = files.pdf(
        [
            [("Returns", 20), ("Unopened appliances can be returned within", 11), ("fourteen days of delivery.", 11)],
            [("Warranty", 20), ("Compressors carry ten years.", 11)],
        ]
    )
    blocks = read(content, PDF)
    assert [(block.level, block.text, block.page) for block in blocks] == [
        (1, "Returns", 1),
        (0, "Unopened appliances can be returned within fourteen days of delivery.", 1),
        (1, "Warranty", 2),
        (0, "Compressors carry ten years.", 2),
    ]


def test_a_pdf_of_500_pages_is_read_to_its_end():
    pages = [
        [(f"Article {number}", 16), (f"The fee of article {number} is {number} dirhams.", 11)] for number in range(500)
    ]
    blocks = read(files.pdf(pages), PDF)
    assert blocks[-1] == Block(text="The fee of article 499 is 499 dirhams.", page=500)


def test_a_pdf_that_is_only_locked_against_changes_is_read():
    assert read(files.locked_pdf(""), PDF)[0].text == "Secret terms of sale"


def test_a_docx_has_its_styles_and_tables():
    assert texts(read(files.docx_file(), DOCX)) == [
        (1, "Return policy"),
        (2, "Deadlines"),
        (0, "Unopened goods come back within fourteen days. Opened ones do not."),
        (3, "الضمان"),
        (0, "ضمان الكمبروسر عشر سنوات."),
        (0, "Service: Repair visit, Price: 95 dirhams"),
    ]


def test_html_is_what_a_reader_sees():
    page = """<!doctype html><title>Care</title><body><nav>Home | Shop</nav><script>alert(1)</script>
    <h1>Care</h1><p>Clean the <b>filter</b> every <i>six</i> months.<br>Use water.</p>
    <div>Loose text<ul><li>First</li><li>Second</li></ul></div><p hidden>not this</p>
    <table><tr><th>Size</th><th>Price</th></tr><tr><td>10 l</td><td>90</td></tr></table><footer>© us</footer>"""
    assert texts(read(page.encode(), HTML)) == [
        (1, "Care"),
        (0, "Clean the filter every six months. Use water."),
        (0, "Loose text"),
        (0, "First"),
        (0, "Second"),
        (0, "Size: 10 l, Price: 90"),
    ]


def test_html_in_windows_arabic_says_so_itself():
    page = '<meta charset="windows-1256"><p>ضمان عشر سنوات</p>'.encode("cp1256")
    assert texts(read(page, HTML)) == [(0, "ضمان عشر سنوات")]


def test_html_nested_without_end_is_read():
    assert "deep" in read(b"<div>" * 5_000 + b"deep" + b"</div>" * 5_000, HTML)[0].text


def test_markdown_loses_its_marks():
    text = """---
title: x
---
# Returns
Within **14 days**, see [terms](https://example.com).

- one
- two `code`

| Size | Price |
|---|---|
| 10 l | 90 |

<script>x</script>
"""
    assert texts(read(text.encode(), MARKDOWN)) == [
        (1, "Returns"),
        (0, "Within 14 days, see terms."),
        (0, "one"),
        (0, "two code"),
        (0, "Size: 10 l, Price: 90"),
        (0, "x"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_text_comes_in_four_encodings(encoding: str):
    assert texts(read("الضمان سنتان.\n\nSecond".encode(encoding), TEXT)) == [(0, "الضمان سنتان."), (0, "Second")]


def test_wrapped_lines_are_joined_and_lists_are_not():
    text = "The driver calls half an hour before he\narrives at your home, so please stay near.\n- one\n- two"
    assert [block.text for block in read(text.encode(), TEXT)] == [
        "The driver calls half an hour before he arrives at your home, so please stay near.",
        "- one",
        "- two",
    ]


def test_the_shapes_of_arabic_letters_become_letters():
    assert read("\ufeb3\ufefc\ufee1".encode(), TEXT)[0].text == "سلام"


SOUND = files.pdf([[("Text", 12)]])


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        pytest.param(PDF, SOUND[: len(SOUND) // 3], "broken", id="cut off pdf"),
        pytest.param(PDF, b"%PDF-1.7\nnothing of a pdf", "broken", id="no pdf inside"),
        pytest.param(PDF, files.pdf([[]]), "empty", id="empty pdf"),
        pytest.param(PDF, files.pdf([[], []], picture=True), "scanned", id="scanned pdf"),
        pytest.param(PDF, files.locked_pdf("secret"), "encrypted", id="locked pdf"),
        pytest.param(PDF, files.bomb_pdf(), "unpacks_too_large", id="pdf bomb"),
        pytest.param(DOCX, files.docx_file()[:200], "broken", id="cut off docx"),
        pytest.param(DOCX, files.archive(word__document__xml=b"x", a=b"y"), "wrong_type", id="another archive"),
        pytest.param(
            DOCX,
            files.archive(**{"word__document.xml": b"<no xml", "[Content_Types].xml": b"<Types/>"}),
            "broken",
            id="docx without sense",
        ),
        pytest.param(DOCX, files.bomb(), "unpacks_too_large", id="zip bomb"),
        pytest.param(TEXT, b" \n\t ", "empty", id="blank text"),
        pytest.param(TEXT, b"... --- !!!", "empty", id="no letters"),
        pytest.param(TEXT, bytes(range(1, 32)) * 40, "wrong_type", id="controls"),
        pytest.param(HTML, b"<html><body><script>x</script></body></html>", "empty", id="scripts only"),
        pytest.param(TEXT, b"word " * (MOST_CHARS // 5 + 1), "too_much_text", id="too much"),
    ],
)
def test_a_bad_file_gets_its_code(kind: DocumentKind, content: bytes, code: str):
    with pytest.raises(UnreadableDocument) as unreadable:
        read(content, kind)
    assert unreadable.value.code == code


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"plain words", "wrong_type"),
        ("a.docx", b"plain words", "wrong_type"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "encrypted"),
        ("a.txt", SOUND, "wrong_type"),
        ("a.md", b"\x89PNG....", "wrong_type"),
        ("a.html", b"a\0b", "wrong_type"),
        ("a.exe", b"MZ", "unsupported_type"),
        ("noend", b"x", "unsupported_type"),
    ],
)
def test_a_name_that_lies_is_noticed(name: str, content: bytes, code: str):
    with pytest.raises(UnreadableDocument) as unreadable:
        kind_of(name, content)
    assert unreadable.value.code == code


def test_the_headings_reach_the_sections():
    sections = sections_of(read(files.docx_file(), DOCX))
    assert [section.heading for section in sections] == [
        ("Return policy", "Deadlines"),
        ("Return policy", "Deadlines", "الضمان"),
    ]
