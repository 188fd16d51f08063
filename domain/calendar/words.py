"""Times, days and dates as they are said and shown, in both languages and both calendars."""

from __future__ import annotations

from datetime import date, datetime

from domain.calendar.hijri import hijri_of
from domain.speech import Language
from domain.tenant import AnnouncedMonth

DAY_NAMES = {
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    Language.AR: ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
}
_MONTH_NAMES = {
    Language.EN: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    Language.AR: (
        *("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو"),
        *("يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
    ),
}
_HIJRI_MONTH_NAMES = {
    Language.EN: (
        *("Muharram", "Safar", "Rabi al-Awwal", "Rabi al-Thani", "Jumada al-Ula", "Jumada al-Akhirah"),
        *("Rajab", "Shaaban", "Ramadan", "Shawwal", "Dhu al-Qadah", "Dhu al-Hijjah"),
    ),
    Language.AR: (
        *("محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة"),
        *("رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة"),
    ),
}
_ARABIC_HOURS = (
    *("الثانية عشرة", "الواحدة", "الثانية", "الثالثة", "الرابعة", "الخامسة"),
    *("السادسة", "السابعة", "الثامنة", "التاسعة", "العاشرة", "الحادية عشرة"),
)
_ARABIC_MINUTES = {0: "", 15: " والربع", 20: " والثلث", 30: " والنصف"}
_DAYS_OF_A_WEEK = 7


def spoken_time(at: datetime, language: Language) -> str:
    """A time as it is said: "9 AM", "10:30 PM", "التاسعة والنصف صباحًا"."""
    if language is Language.EN:
        hour = at.hour % 12 or 12
        clock = f"{hour}:{at.minute:02d}" if at.minute else f"{hour}"
        return f"{clock} {'AM' if at.hour < 12 else 'PM'}"
    # In words: which hour is "ظهرًا" or "عصرًا" is more than text-to-speech can know.
    minutes = _ARABIC_MINUTES.get(at.minute, f" و{at.minute} دقيقة")
    return f"{_ARABIC_HOURS[at.hour % 12]}{minutes} {_arabic_part_of_day(at.hour)}"


def _arabic_part_of_day(hour: int) -> str:
    if hour < 12:
        return "صباحًا"
    if hour < 15:
        return "ظهرًا"
    return "عصرًا" if hour < 17 else "مساءً"


def named_day(day: date, today: date | None, language: Language) -> str:
    """ "Friday", "الجمعة"; with the date where another day between `today` and then has the same name."""
    name = DAY_NAMES[language][day.weekday()]
    if today is None or 0 <= (day - today).days < _DAYS_OF_A_WEEK:
        return name
    written = f"{day.day} {_MONTH_NAMES[language][day.month - 1]}"
    return f"{name}, {written}" if language is Language.EN else f"{name} {written}"


def gregorian_day(day: date, language: Language) -> str:
    """A date as it is said of something agreed: "Tuesday, 1 December", "الثلاثاء 1 ديسمبر"."""
    comma = "," if language is Language.EN else ""
    return f"{DAY_NAMES[language][day.weekday()]}{comma} {day.day} {_MONTH_NAMES[language][day.month - 1]}"


def spoken_day(day: date, today: date, language: Language) -> str:
    """The day inside a sentence: "today", "tomorrow", "on Friday", "يوم الجمعة"."""
    near = {Language.EN: ("today", "tomorrow"), Language.AR: ("اليوم", "غداً")}[language]
    ahead = (day - today).days
    if 0 <= ahead < len(near):
        return near[ahead]
    name = named_day(day, today, language)
    return f"on {name}" if language is Language.EN else f"يوم {name}"


def shown_date(day: date, language: Language, announced: tuple[AnnouncedMonth, ...] = ()) -> str:
    """A date for reading, Gregorian and Hijri: "Friday, 20 March 2026 (1 Shawwal 1447 AH)"."""
    gregorian = gregorian_day(day, language)
    hijri = hijri_of(day, announced)
    if hijri is None:
        return f"{gregorian} {day.year}"
    era = "AH" if language is Language.EN else "هـ"
    month = _HIJRI_MONTH_NAMES[language][hijri.month - 1]
    return f"{gregorian} {day.year} ({hijri.day} {month} {hijri.year} {era})"
