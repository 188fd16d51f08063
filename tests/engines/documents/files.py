"""Files as people upload them, made here: sound ones of each format, and the broken, locked and hostile ones."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

import docx
from pypdf import PdfReader, PdfWriter

Line = tuple[str, int]
"""Text and font size."""


def pdf(pages: Sequence[Sequence[Line]], *, picture: bool = False) -> bytes:
    """Latin text in Helvetica, one line under the other; with a picture instead of text where there are no lines."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    image = 4 + 2 * len(pages)
    drawn = f"/XObject << /Im0 {image} 0 R >>" if picture else ""
    for number, lines in enumerate(pages):
        resources = f"<< /Font << /F1 3 0 R >> {drawn} >>"
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources {resources}"
        objects.append(f"{page} /Contents {5 + 2 * number} 0 R >>".encode())
        stream = b"/Im0 Do" if picture else b""
        for place, (text, size) in enumerate(lines):
            escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            stream += f"BT /F1 {size} Tf 50 {800 - place * 24} Td ({escaped}) Tj ET\n".encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    if picture:
        header = b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
        objects.append(header + b" /Length 1 >>\nstream\n\x80\nendstream")
    written = io.BytesIO()
    written.write(b"%PDF-1.4\n")
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(written.tell())
        written.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = written.tell()
    written.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        written.write(b"%010d 00000 n \n" % place)
    written.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))
    return written.getvalue()


def locked_pdf(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([[("Secret terms of sale", 12)]]))))
    writer.encrypt(password, owner_password="owner")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def docx_file() -> bytes:
    document = docx.Document()
    document.add_heading("Return policy", 0)
    document.add_heading("Deadlines", 1)
    document.add_paragraph("Unopened goods come back within fourteen days. Opened ones do not.")
    document.add_heading("الضمان", 2)
    document.add_paragraph("ضمان الكمبروسر عشر سنوات.", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ("Service", "Price", "Repair visit", "95 dirhams"), strict=True):
        cell.text = text
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def archive(**members: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return written.getvalue()


def bomb() -> bytes:
    """300 MB of spaces in 300 KB."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made,
        made.open("word/document.xml", "w") as member,
    ):
        for _ in range(300):
            member.write(b" " * 1_000_000)
    return written.getvalue()


def bomb_pdf() -> bytes:
    """A page whose stream unpacks to 400 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(400)) + packer.flush()
    sound = pdf([[("x", 12)]])
    start = sound.index(b"5 0 obj")
    end = sound.index(b"endobj", start)
    stream = b"5 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\n" % (len(packed), packed)
    return sound[:start] + stream + sound[end:]
