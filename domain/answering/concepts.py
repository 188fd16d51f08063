"""Words that ask for the same thing in any business, across English, standard Arabic and the dialects.

A tenant gives a few examples a fact; these groups let a question match them in words, or a language, that the
examples do not use. They only add evidence: a word in no group still counts as itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.answering.spelling import fold, stem

_GROUPS: dict[str, str] = {
    # --- asking
    "where": """
        where, which street, which area, directions, located, location, address, lost, get to you,
        how do i get, how to get, find the, map, أين, وين, فين, عنوان, موقع, شارع, دلوني, أوصل لكم, أصل إلى,
        كيف أوصل, كيف أصل, لوكيشن, تقع, يقع, منطقة, whereabouts, based, nearest, branch, branches, navigate,
        visit you, directions to, معرض, فرع, فروع, فرعكم, أزوركم, زيارتكم, خريطة, الطريق إليكم, وين القى,
        وين ألاقيكم, showroom, way to, way to you, where to find, =مكانكم, =المكان, =موقعكم, تفاصيل العنوان""",
    "when": """
        when, what time, how soon, how long, how early, until, till, how late, متى, امتى, ايمتى, أي ساعة,
        الساعة كم, كم الساعة, لين متى, لحد متى, كم يستغرق, وقت, أي وقت, أي يوم, كم ياخذ, how many days,
        days until, by when, at what hour, which day, كم يوم, كم يوما, بعد كم""",
    "cost": """
        cost, price, how much, charge, charges, fee, fees, expensive, سعر, أسعار, بكم, بكام, رسوم, تكلفة, يكلف,
        تحسبون, قديش, كم سعر, تاخذون على, كم أدفع, سأدفع, مقابل, ثمن, شقد, قيمة, cost me, spend, how expensive,
        cheap, pay something, pay extra, for money, تكلف, فلوس, بفلوس, مصاري, تكلفني, يكلفني, كم يكلف, أسعاركم,
        تسعيرة""",
    "free": """
        free, included, extra, without charge, مجاني, ببلاش, بلاش, مشمول, مجانا, gratis, no charge, for nothing,
        complimentary, بدون رسوم, من غير فلوس""",
    "day": """
        monday, tuesday, wednesday, thursday, friday, saturday, sunday, weekend, today, tonight, tomorrow,
        evening, morning, الاثنين, الثلاثاء, الأربعاء, الخميس, الجمعة, السبت, الأحد, الليلة, باجر, بكرا, بكره,
        غدا, مساء, صباحا, الصبح, العصر, =اليوم""",
    # --- shops and offices
    "open": """
        open, opens, opening, close, closes, closed, closing, shut, hours, working hours, do you work,
        are you there, business hours, نفتح, تفتح, تفتحون, تفتحوا, فاتح, فاتحين, مفتوح, مفتوحة, مفتوحين, تغلق,
        تغلقون, مغلق, تسكر, تسكرون, يسكر, مسكرين, تقفلون, تقفلوا, قافلين, دوام, دوامكم, مداوم, مداومين, تداومون,
        ساعات العمل, أوقات العمل, تعملون, تشتغلون, بتفتحوا, بتقفلوا, shuts, shutting, drop in, drop by, come by,
        receive customers, opening times, lock up, still there, available hours, أبوابكم, أبوابها, تستقبلون,
        تستقبلوا, الزبائن, يفتح, يقفل, إغلاق, افتتاح, دوامه, تقفل, مسكر, شغالين, متواجدين""",
    "parking": """
        park, parking, garage, car park, leave my car, leave the car, by car, موقف, مواقف, أوقف, إيقاف, أصف,
        باركن, باركنج, كراج, parked, parking lot, park my vehicle, spot for my, space for my car, my vehicle,
        valet, where do i leave my car, مواقف سيارات, نوقف, أركن, اركن, نركن, ركن السيارة, أحط السيارة,
        أوقف السيارة, نوقف السيارة""",
    "delivery": """
        deliver, delivery, delivered, ship, ships, shipping, shipped, send, bring it, bringing, get it home,
        at my place, transport, توصيل, توصلون, نوصل, يوصل, توصلوا, ترسلون, ترسلوا, إرسال, تيبون, تجيبون, تجيبوا,
        تجيبوه, شحن, تشحنون, ستصلني, يوصلني, دليفري, home delivery, courier, drop off, bring over, dispatch,
        arrive at my house, reach my house, gets to, get to my, to my door, door to door, للبيت, لحد البيت,
        تصل إلى بيتي, يوصل البيت, يوصلون, توصلونه, توصلونها, توصل, تجيبونها, تطرشون, تطرشونه, التسليم, تسليم,
        استلام في البيت""",
    "city": """
        dubai, abu dhabi, sharjah, ajman, fujairah, ras al khaimah, umm al quwain, al ain, emirates, دبي,
        أبوظبي, أبو ظبي, الشارقة, عجمان, الفجيرة, رأس الخيمة, أم القيوين, العين, الإمارات""",
    "install": """
        install, installation, hook up, set up, mount, fit, fitting, connect, put up, put in, تركيب, تركبون,
        يركب, تركبوا, تركبونه, ركبوا, تثبيت, توصيل الغاز, تشغيل الجهاز, connecting, connected, assemble,
        assembly, plumb, plumbing, hang, wire it, wiring, fix it on the wall, بيركب, يركبه, يركبون, يركبها,
        تركبها, تركيبه, تركيبها, تركبولي, تثبتون, تمديد""",
    "return": """
        return, returns, refund, refunded, money back, bring it back, take it back, send it back, exchange,
        swap, changed my mind, don't like, not what i expected, wrong size, إرجاع, أرجع, ارجعه, أرجعه, ترجيع,
        استرجاع, استرداد, أعيده, أعيد, إعادة, استبدال, أبدل, أبدله, تبديل, تبدلون, فلوسي, لم يعجبني, ما عجبني,
        استرجع, give it back, give back, hand it back, bring back, take back, send back, replacement, wrong one,
        wrong item, reverse, get a refund, استبدله, أرده, أرد, رد المنتج, أرجعها, ارجعها, ترجعون, يرجع,
        غيرت رأيي, ما أبيه, ما ابغيه, أرجع الغرض, تسترجعون, يترجع""",
    "warranty": """
        warranty, guarantee, guaranteed, covered, coverage, cover, ضمان, كفالة, مكفول, مضمون, يغطي, guarantees,
        warranties, under warranty, insured against, ضمانه, ضمانات, بالضمان, مضمونة, كفالته""",
    "broken": """
        broken, broke, breaks, not working, doesn't work, stopped working, stopped, fault, faulty, leak,
        leaks, leaking, noise, noisy, repair, repairs, fix, fixed, maintenance, service, technician,
        doesn't cool, won't start, won't turn on, خربان, خربانة, خرب, خربت, عطلان, عطلانة, تعطل, تعطلت, معطل,
        عطل, صيانة, فني, يصلح, تصلحون, تصليح, إصلاح, يصلحه, ما يشتغل, ما تشتغل, لا تعمل, لا يعمل, ما يبرد,
        ما تبرد, تسرب الماء, يسرب, تهرب ماي, صوت غريب, مش شغال, باظ, باظت, ما بيشتغل, defective, damaged,
        dead, died, out of order, mend, engineer, heat up, won't heat, doesn't heat, doesn't turn on,
        doesn't spin, doesn't drain, does not work, won't work, acting up, making noise, stuck,
        problem with my, أصلح, تصلح, تصلحوا, صلحوا, تصلحونه, مكسور, انكسر, انكسرت, لا يسخن, ما يسخن, لا يبرد,
        لا تبرد, لا تسخن, توقف عن العمل, توقفت عن العمل, طافي, ما يدور, مهندس, معلق, فيها مشكلة, فيه مشكلة,
        خراب, strange sound, weird sound, odd noise, rattling, صوت عالي, خربط""",
    "pay": """
        pay, payment, credit card, debit card, card, cash, visa, mastercard, apple pay, google pay,
        bank transfer, settle the bill, أدفع, دفع, ندفع, بطاقة, بطاقات, فيزا, ماستركارد, كاش, نقدا, نقدي,
        تحويل بنكي, أبل باي, كردت, بطاقة ائتمان, طريقة الدفع, american express, amex, cheque, wallet,
        samsung pay, by card, in cash, شيك, حوالة, محفظة, سامسونج باي, بالفيزا, بالكاش, دفع نقدي, الدفع""",
    "gift": """
        ~gift card, ~gift cards, ~gift certificate, ~gift voucher, gift, gifts, present, ~بطاقة هدية, ~بطاقة الهدية,
        ~بطاقات هدايا, ~بطاقات الهدايا, ~كرت هدية, ~كروت هدايا, ~كروت الهدايا, ~قسيمة هدية, هدية, هدايا""",
    "membership": """
        ~loyalty card, ~loyalty points, ~membership card, ~member card, ~points card, ~rewards card, ~business card,
        ~بطاقة عضوية, ~بطاقة العضوية, ~بطاقة نقاط, ~بطاقة النقاط, membership, loyalty, عضوية""",
    "instalments": """
        instalment, instalments, installment, installments, monthly, month by month, every month, per month,
        several months, split, pay later, payment plan, plan, everything at once, tabby, tamara, تقسيط, أقساط,
        قسط, أقسط, شهري, شهريا, كل شهر, على دفعات, بالتقسيط, تابي, تمارا, spread, spread the cost, over a year,
        over time, finance, financing, bit by bit, in parts, twelve months, pay in parts, أقسطه, على شهور,
        على سنة, على سنتين, على كم شهر, بدون فوائد, تمويل""",
    "offer": """
        offer, offers, sale, discount, discounts, deal, deals, promotion, promotions, on special, cheaper,
        coupon, عرض, عروض, خصم, خصومات, تخفيض, تخفيضات, تنزيلات, أوكازيون, كوبون, bargain, bargains, reduced,
        reduction, on sale, special price, voucher, vouchers, black friday, price cut, money off, شي عروض,
        تنزيل, أرخص, تخفيضاتكم, عروضكم, حسومات, حسم, برومو""",
    "sell": """
        sell, sells, have you got, do you have, carry, stock, in stock, buy, looking for, brand, brands, model,
        models, samsung, lg, bosch, philips, products, تبيعون, تبيعوا, أشتري, شراء, ماركة, ماركات, متوفر, موديل,
        موديلات, منتجات, سامسونج, بوش, فيليبس, عندكم, لديكم, want to buy, purchase, supply, available, after a,
        interested in, do you stock, تبيع, متوفرة, متوفرين, أبغي أشتري, بدي أشتري, ناوي أشتري, إل جي""",
    "appliance": """
        fridge, refrigerator, freezer, washer, washing machine, dryer, dishwasher, oven, stove, cooker, hob,
        microwave, vacuum cleaner, hoover, air conditioner, aircon, ac, toaster, kettle, blender, television,
        tv, iron, heater, appliance, appliances, ثلاجة, براد, فريزر, غسالة, نشافة, جلاية, جلاية صحون, فرن,
        أفران, طباخ, بوتاجاز, مايكرويف, مكنسة, مكيف, مكيفات, تكييف, خلاط, تلفزيون, مكواة, سخان, جهاز, أجهزة,
        غلاية""",
    "old": """
        old, used, second hand, get rid of, take away, trade in, haul away, dispose, recycle, قديم, قديمة,
        القديم, القديمة, مستعمل, تشيلون, تاخذونه, تاخذون القديم, أتخلص, previous, existing one, remove my,
        removes, scrap, collect the old, pick up the old, throw away, عتيق, عتيقة, العتيق, العتيقة, تشيل,
        تشيلونه, تشيلونها, تاخذونها, تاخذوا القديم, أرمي, نرمي, سكراب""",
    "contact": """
        contact, phone number, telephone number, number, whatsapp, email, e-mail, mail, call you, message you,
        reach you, رقم, رقمكم, تلفون, هاتف, جوال, موبايل, واتساب, واتس, إيميل, ايميل, بريد إلكتروني, أتواصل,
        تواصل, ring you, phone you, reach someone by phone, get in touch, get hold of you, text you,
        write to you, اتصل فيكم, أتصل, أكلمكم, أراسلكم, نتواصل, رقم الهاتف, رقم التلفون, الخط الساخن""",
    "mine": """
        my order, my package, my parcel, my delivery, my purchase, i ordered, order number, track, tracking,
        shown up, arrived, not arrived, hasn't arrived, how far along, status, طلبت, حالة الطلب, متابعة الطلب,
        وصل طلبي, ما وصل, ما وصلت, تأخر الطلب, وين صار, وين صارت, رقم الطلب, الأوردر, اوردر,
        news about my order, update on my order, where's my, when will my order, did you send my, my stuff,
        has my order, أخبار طلبي, طلبيتنا, =شحنة, وصلت طلبيتي, طلبي وين, غرضي, =طلبي, =طلبيتي, =الطلبية,
        =شحنتي, =اوردري, waiting for my, still waiting""",
    # --- clinics
    "book": """
        book, booking, booked, appointment, appointments, slot, see a doctor, see the doctor,
        make an appointment, free time, available, walk in, حجز, أحجز, احجز, موعد, موعدا, مواعيد, تحديد موعد,
        أجي, اييكم, أجيكم, أزور, fit me in, squeeze me in, reserve, arrange a visit, arrange an appointment,
        schedule, checkup, check up, consult, get seen, be seen, come in to see, أبغي موعد, دور, أخذ موعد,
        آخذ موعد, احجزوا, احجزلي, أراجع, مراجعة الطبيب""",
    "cancel": """
        cancel, cancelling, reschedule, postpone, push back, push my, move my, change the day,
        change my appointment, another day, another time, can't come, can't make it, won't make it,
        something came up, إلغاء, ألغي, الغي, تأجيل, أأجل, أجل, أغير, تغيير, ما أقدر أجي, ما بقدر, لن أستطيع,
        يوم ثاني, وقت ثاني, أكنسل, كنسل, call off, put off, delay, unable to come, not coming, can not come,
        drop my appointment, shift, move it, different day, موعد آخر, موعدا آخر, غير موعد, لا أستطيع الحضور,
        ما أقدر أحضر, ما بقدر أحضر, ما بقدر أجي, نأجل, أأخر, تغير الموعد, أحوله ليوم, ما راح أقدر,
        have to cancel""",
    "insurance": """
        insurance, insured, insurer, network, coverage, daman, axa, nas, nextcare, thiqa, تأمين, تاميني, تأميني,
        ضمان, أكسا, نكست كير, ثقة, شركة تأمين, شركات تأمين, health card, health plan, policy, covered by,
        تأمينكم, التأمين الصحي, كارت التأمين, بطاقة تأمين""",
    "visit_fee": """
        consultation, consultation fee, price of a visit, see a specialist cost, not insured, without insurance,
        كشف, كشفية, الكشف بكم, دخولية, فيزيتا, بدون تأمين, من غير تأمين""",
    "doctor": """
        doctor, doctors, dentist, specialist, paediatrician, pediatrician, dermatologist, gynaecologist, skin,
        teeth, tooth, eye, eyes, children's doctor, female doctor, lady doctor, طبيب, أطباء, دكتور, دكتورة,
        دكاترة, أخصائي, أسنان, جلدية, جلد, عيون, أطفال, نساء, طبيبة, treats, cardiologist, orthopaedic, gp,
        family doctor, heart doctor, children, kids doctor, طبيبه, باطنية, أنف وأذن, يعالج, دكاتره, طبيب عظام,
        طبيب قلب, دكتور عظام, دكتور قلب""",
    "lab": """
        blood test, lab, laboratory, results, result, cholesterol, sugar test, fast, fasting, empty stomach,
        sample, checked, analysis, تحليل, تحاليل, مختبر, نتيجة, نتائج, نتايج, فحص, فحص الدم, فحوصات, صايم, صيام,
        دم, كوليسترول, سكر, blood, blood sample, urine, blood work, x-ray, scan, عينة, بول, أشعة, تحليلي,
        التحاليل, نتيجتي, نتائجي, فحوصاتي""",
    "vaccine": """
        vaccine, vaccines, vaccinate, vaccination, vaccinations, shot, shots, jab, flu, immunisation,
        immunization, تطعيم, تطعيمات, لقاح, لقاحات, أطعم, تلقيح, إبرة, إنفلونزا, measles, polio, booster, covid,
        hepatitis, vaccinated, immunised, حصبة, شلل الأطفال, نطعم, تطعم, جرعة""",
    "medicine": """
        medicine, medicines, medication, pill, pills, tablet, tablets, prescription, prescriptions, refill,
        pharmacy, drug, drugs, ran out, دواء, دوا, أدوية, دوائي, دواي, وصفة, روشتة, صيدلية, حبوب, خلص الدوا,
        علاج, chemist, meds, antibiotics, renew my prescription, collect my medicine, أصرف, صرف الوصفة,
        الصيدلية, مضاد, الروشتة, أدويتي""",
    "certificate": """
        certificate, sick leave, sick note, medical report, report, note for, paper for, employer, my boss,
        my company, ill, شهادة, إجازة مرضية, مرضية, تقرير, تقرير طبي, ورقة, سكليف, جهة عملي, الدوام, مريضا,
        letter, off work, sick letter, absence, excuse, proof, medical certificate, doctor's note, إثبات,
        عذر طبي, تقارير, عذر, غياب, إجازة, مرضيه""",
    "home": """
        home visit, come to us, come to my house, come to our, to my home, at home, send a nurse, send a doctor,
        nurse, can't walk, can't leave, زيارة منزلية, زيارات منزلية, تجي البيت, يجي البيت, ايي البيت, ممرضة,
        ممرض, منزلية, ما تقدر تطلع, ما يقدر يطلع, يزورنا, house call, visit us, visit me at home, at my place,
        doctor at home, bedridden, can't get up, cannot walk, يجي عندنا, ما يقدر يتحرك, ما يقدر يمشي,
        ما تقدر تمشي, طبيب منزلي, حد ايينا, ايينا البيت, يجينا البيت, يجينا الدكتور, تجينا الممرضة, تجينا البيت""",
    "my_visit": """
        my appointment, remind me, i am booked, when do i have to come, forgot when, متى موعدي, نسيت الموعد,
        موعدي متى, am i supposed to come, my next visit, my booking, my visit, when am i, what time am i,
        which day am i, موعدي القادم, موعدي باجر, أي يوم موعدي, متى حجزي, وقت موعدي, =موعدي, =حجزي, متى حجزت,
        يوم حجزت""",
}


_Phrases = dict[str, list[tuple[tuple[str, ...], str]]]
"""By their first word: all their words, and the group."""


def _compile() -> tuple[dict[str, set[str]], _Phrases, _Phrases]:
    """Single words, phrases and compounds, by stem.

    A word that is marked by "=" only counts in just this form. The words of a compound, marked by "~", count for no
    other group: a gift card is not what one pays with.
    """
    words: dict[str, set[str]] = {}
    phrases: _Phrases = {}
    compounds: _Phrases = {}
    for concept, listed in _GROUPS.items():
        for entry in listed.split(","):
            mark = entry.strip()[:1]
            stems = tuple(f"={word}" if mark == "=" else stem(word) for word in fold(entry).split())
            if mark == "~":
                compounds.setdefault(stems[0], []).append((stems, concept))
            elif len(stems) == 1:
                words.setdefault(stems[0], set()).add(concept)
            elif stems:
                phrases.setdefault(stems[0], []).append((stems, concept))
    return words, phrases, compounds


_WORDS, _PHRASES, _COMPOUNDS = _compile()


def concepts_in(folded: str) -> set[str]:
    """The groups that a folded sentence touches."""
    exact = folded.split()
    stems = [stem(word) for word in exact]
    found: set[str] = set()
    taken: set[int] = set()
    for position in range(len(stems)):
        for length, concept in _beginning_at(position, stems, _COMPOUNDS):
            found.add(concept)
            taken.update(range(position, position + length))
    for position, word in enumerate(stems):
        if position not in taken:
            found |= _WORDS.get(word, set()) | _WORDS.get(f"={exact[position]}", set())
            found.update(concept for _, concept in _beginning_at(position, stems, _PHRASES))
    return found


def _beginning_at(position: int, stems: Sequence[str], among: _Phrases) -> Iterator[tuple[int, str]]:
    """How many words each has, and its group."""
    for phrase, concept in among.get(stems[position], ()):
        if tuple(stems[position : position + len(phrase)]) == phrase:
            yield len(phrase), concept
