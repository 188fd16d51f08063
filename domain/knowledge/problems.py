"""Why a file can't become knowledge: a stable code, and one sentence that says what to do, in both languages."""

from __future__ import annotations

from domain.errors import HatifError
from domain.knowledge.document import LONGEST_NAME, MOST_FILE_BYTES
from domain.speech import Language
from domain.tenant import Words

EN, AR = Language.EN, Language.AR

EMPTY = "empty"
TOO_LARGE = "too_large"
BAD_NAME = "bad_name"
UNSUPPORTED = "unsupported_type"
WRONG_TYPE = "wrong_type"
BROKEN = "broken"
ENCRYPTED = "encrypted"
SCANNED = "scanned"
TOO_MUCH_TEXT = "too_much_text"
BOMB = "unpacks_too_large"
TOO_SLOW = "takes_too_long"
INDEX_FAILED = "index_failed"

SENTENCES: dict[str, Words] = {
    EMPTY: {
        EN: "The file has no text in it. Upload one that has.",
        AR: "الملف لا يحتوي على أي نص. ارفع ملفاً فيه نص.",
    },
    TOO_LARGE: {
        EN: f"The file is larger than {MOST_FILE_BYTES // 1_000_000} MB. Split it, or save it without pictures.",
        AR: f"حجم الملف أكبر من {MOST_FILE_BYTES // 1_000_000} ميغابايت. قسّمه أو احفظه بدون صور.",
    },
    BAD_NAME: {
        EN: f"The file's name must have 1 to {LONGEST_NAME} printable characters and no slash.",
        AR: f"اسم الملف يجب أن يكون من حرف واحد إلى {LONGEST_NAME} حرف قابل للطباعة وبدون شرطة مائلة.",
    },
    UNSUPPORTED: {
        EN: "Files of this type can't be read. Upload PDF, DOCX, HTML, Markdown or plain text.",
        AR: "لا يمكن قراءة هذا النوع من الملفات. ارفع PDF أو DOCX أو HTML أو Markdown أو نصاً عادياً.",
    },
    WRONG_TYPE: {
        EN: "The file is not what its name says. Save it again in the right format.",
        AR: "محتوى الملف لا يطابق نوعه في الاسم. احفظه من جديد بالصيغة الصحيحة.",
    },
    BROKEN: {
        EN: "The file is damaged and can't be opened. Save it again, or export it once more.",
        AR: "الملف تالف ولا يمكن فتحه. احفظه من جديد أو صدّره مرة أخرى.",
    },
    ENCRYPTED: {
        EN: "The file is protected by a password. Remove the protection and upload it again.",
        AR: "الملف محمي بكلمة مرور. أزل الحماية ثم ارفعه مرة أخرى.",
    },
    SCANNED: {
        EN: "The file has only pictures of pages, no text. Run text recognition (OCR) on it first.",
        AR: "الملف عبارة عن صور صفحات بدون نص. حوّله إلى نص بأداة OCR أولاً.",
    },
    TOO_MUCH_TEXT: {
        EN: "The file has more text than one document may have. Split it into several.",
        AR: "في الملف نص أكثر من المسموح به لمستند واحد. قسّمه إلى عدة ملفات.",
    },
    BOMB: {
        EN: "The file unpacks to far more than its size and was not opened.",
        AR: "محتوى الملف بعد فك الضغط أكبر بكثير من حجمه، ولذلك لم يُفتح.",
    },
    TOO_SLOW: {
        EN: "Reading the file took too long. Split it, or save it in a simpler format.",
        AR: "استغرقت قراءة الملف وقتاً طويلاً. قسّمه أو احفظه بصيغة أبسط.",
    },
    INDEX_FAILED: {
        EN: "The file was read but could not be indexed. Upload it again; if that fails too, look at the logs.",
        AR: "تمت قراءة الملف لكن تعذّرت فهرسته. ارفعه مرة أخرى، وإن تكرر الأمر فراجع السجلات.",
    },
}
"""By code."""


class UnreadableDocument(HatifError):
    """`code` is a key of SENTENCES."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code][EN])
        self.code = code


def sentence(code: str, language: Language) -> str:
    return SENTENCES[code][language]
