"""Synthetic chunks that no question of the benchmark asks for: templates of both languages, filled by turns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator


def _listed(text: str) -> list[str]:
    return text.split("|")


EN_TYPES = _listed(
    "refrigerator|washing machine|oven|air conditioner|dishwasher|microwave|vacuum cleaner|television|sofa|wardrobe|"
    "carpet|lamp|bicycle|tent|rucksack|wrist watch|perfume|lipstick|running shoe|raincoat|guitar|notebook|printer|"
    "keyboard|drill|ladder|water pump|garden chair|fish tank|bookshelf"
)
EN_NAMES = _listed(
    "Sahara|Dana|Falcon|Breeze|Aqua|Pearl|Oasis|Nimbus|Corniche|Liwa|Jumeirah|Hatta|Yas|Saadiyat|Marina|Creek|Dune|"
    "Palm|Gulf|Mirdif"
)
EN_TEMPLATES = (
    "{product} weighs {n} kilograms and is {m} centimetres high.",
    "In the catalogue of {year}, {product} is listed on page {n}.",
    "{product} was tested at {m} volts in our laboratory.",
    "The manual of {product} has {n} pages and {m} drawings.",
    "Colour {n} of {product} is called desert number {m}.",
    "The carton of {product} holds {n} screws and {m} clips.",
    "Supplier {m} has made the handle of {product} since {year}.",
    "Shelf {n} of hall {m} holds {product}.",
    "The bar code of {product} begins with {m} and ends with {n}.",
    "Photograph {n} of series {m} shows {product} from the left.",
    "In {year} the designers drew {product} {n} times.",
    "The firmware of {product} is version {n}.{m}.",
    "Container {m} carried {n} pieces of {product} in {year}.",
)
AR_TYPES = _listed(
    "ثلاجة|غسالة|فرن|مكيف|جلاية|ميكروويف|مكنسة|تلفاز|أريكة|خزانة|سجادة|مصباح|دراجة|خيمة|حقيبة ظهر|ساعة يد|عطر|"
    "أحمر شفاه|حذاء رياضي|معطف|قيثارة|دفتر|طابعة|لوحة مفاتيح|مثقاب|سلم|مضخة ماء|كرسي حديقة|حوض سمك|رف كتب"
)
AR_NAMES = _listed(
    "الصحراء|دانة|الصقر|النسيم|أكوا|اللؤلؤة|الواحة|نيمبوس|الكورنيش|ليوا|جميرا|حتا|ياس|السعديات|المارينا|الخور|الكثبان|"
    "النخلة|الخليج|مردف"
)
AR_TEMPLATES = (
    "تزن {product} {n} كيلوغراماً وارتفاعها {m} سنتيمتراً.",
    "في كتالوج عام {year} تظهر {product} في الصفحة {n}.",
    "اختُبرت {product} في مختبرنا على جهد {m} فولت.",
    "كتيب {product} فيه {n} صفحة و{m} رسماً.",
    "اللون رقم {n} من {product} اسمه رمال {m}.",
    "كرتون {product} يحوي {n} برغياً و{m} مشبكاً.",
    "المورد رقم {m} يصنع مقبض {product} منذ عام {year}.",
    "الرف {n} في القاعة {m} مخصص لتخزين {product}.",
    "الرمز الشريطي لجهاز {product} يبدأ بالرقم {m} وينتهي بالرقم {n}.",
    "الصورة {n} من المجموعة {m} تُظهر {product} من اليسار.",
    "في عام {year} رسم المصممون {product} {n} مرة.",
    "برنامج تشغيل {product} إصداره {n}.{m}.",
    "حملت الحاوية {m} عدد {n} قطعة من {product} في عام {year}.",
)


def distractors() -> Iterator[str]:
    """7,800 in each language by turns, about 600 things in 13 ways; no two alike."""
    for turn in itertools.count():
        for types, names, pattern, templates in (
            (EN_TYPES, EN_NAMES, "the {name} {type}", EN_TEMPLATES),
            (AR_TYPES, AR_NAMES, "{type} {name}", AR_TEMPLATES),
        ):
            thing = turn % (len(types) * len(names))
            product = pattern.format(type=types[thing % len(types)], name=names[thing // len(types)])
            template = templates[turn // (len(types) * len(names)) % len(templates)]
            text = template.format(product=product, n=11 + turn % 89, m=101 + turn * 7 % 899, year=1990 + turn % 36)
            yield text[0].upper() + text[1:]
