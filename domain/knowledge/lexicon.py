"""Words of everyday business that mean the same in English, standard Arabic and the dialects, for the search by words.

Only what can stand for one another in a sentence is in one group: unlike the concepts of domain/answering/concepts.py,
which say what a question is about, and where a fridge and an oven are the same.
"""

from __future__ import annotations

from domain.answering.spelling import fold, stem

_LISTED = """
price cost prices costs سعر ثمن تكلفة بكم قيمة
fee fees charge charges رسوم رسم أجرة
free gratis complimentary مجاني مجانا ببلاش بلاش
pay payment paid دفع يدفع أدفع سداد
card cards بطاقة بطاقات كرت كروت
cash نقد نقدا كاش
invoice receipt bill فاتورة فواتير إيصال وصل
refund refunds استرداد استرجاع
return returned returns إرجاع ترجيع أرجع إعادة مرتجع
exchange exchanged replace swap استبدال تبديل أبدل
discount discounts reduction خصم تخفيض تنزيلات حسم
offer offers عرض عروض
instalment instalments installment installments قسط أقساط تقسيط
deposit عربون تأمين
delivery deliver delivered shipping توصيل توصل تسليم شحن
order orders طلب طلبية أوردر
warranty guarantee ضمان كفالة
repair repaired fix fixed إصلاح تصليح صيانة يصلح
broken damaged faulty خربان عطلان مكسور معطل تالف
spare قطع غيار
install installation installed fitted تركيب يركب
appliance device appliances devices جهاز أجهزة
fridge refrigerator ثلاجة براد
washer غسالة
oven stove فرن بوتاجاز طباخ
customer customers client زبون زبائن عميل عملاء
staff employee employees موظف موظفين عامل
manager مدير مسؤول
branch branches فرع فروع
shop store showroom محل متجر معرض دكان
office offices مكتب مكاتب
warehouse مستودع مخزن
open opens opened opening مفتوح فاتح يفتح دوام
close closes closed closing مغلق مسكر يقفل يغلق
hour hours ساعة ساعات
day days يوم أيام
week weeks أسبوع أسابيع
month months شهر شهور أشهر
year years سنة سنوات عام أعوام
minute minutes دقيقة دقائق
morning صباح صباحا الصبح
evening مساء المسا
night ليل الليل
today اليوم
tomorrow غدا باجر بكرة بكرا
holiday holidays إجازة عطلة عيد
expire expires expiry valid validity تنتهي انتهاء صلاحية صالح صالحة
gift gifts present هدية هدايا
voucher coupon قسيمة كوبون
points loyalty نقاط ولاء
member membership عضو عضوية اشتراك
subscription subscribe اشتراك مشترك
cancel cancelled cancellation إلغاء ألغي كنسل
postpone delay delayed تأجيل تأخير أأجل
appointment appointments موعد مواعيد
book booking reserve reservation حجز أحجز احجز
visit visits visitor visitors زيارة زائر زوار
wait waiting انتظار ينتظر ينطر يستنى
queue turn طابور دور
entrance entry enter دخول مدخل يدخل
exit خروج مخرج
floor طابق دور
room rooms غرفة غرف
lift elevator مصعد أصانصير اسانسير
stairs درج سلم
toilet toilets restroom bathroom حمام حمامات دورة مراحيض
prayer pray صلاة مصلى
parking park parked موقف مواقف باركن أوقف
car cars vehicle سيارة سيارات عربية
bus حافلة باص
taxi تاكسي أجرة
road street شارع طريق
address location عنوان موقع لوكيشن
map خريطة
phone telephone mobile هاتف جوال تلفون موبايل
number numbers رقم أرقام
message messages رسالة رسائل مسج
email بريد إيميل
call calls اتصال مكالمة
complaint complaints complain شكوى شكاوى أشتكي
lost missing مفقود مفقودات ضاع ضايع
bag bags حقيبة شنطة
key keys مفتاح مفاتيح
child children kid kids طفل أطفال عيال أولاد يهال
baby infant رضيع بيبي
woman women lady سيدة نساء حريم
man men رجل رجال
family families عائلة عائلات أهل
guest guests ضيف ضيوف
age old عمر سن
wheelchair disabled accessible كرسي معاقين إعاقة همم
pet pets dog dogs cat حيوان حيوانات كلب قطة
smoke smoking تدخين دخان
food meal meals أكل طعام وجبة وجبات
breakfast إفطار فطور ريوق
lunch غداء غدا
dinner عشاء عشا
coffee قهوة
tea شاي
water ماء ماي مويه
bread خبز عيش
restaurant cafe مطعم كافيه مقهى كافتيريا
internet wifi wi إنترنت واي نت
password كلمة سر
insurance insured تأمين
doctor doctors physician طبيب دكتور أطباء دكاترة
nurse ممرض ممرضة
dentist أسنان
medicine medicines medication دواء أدوية دوا
pharmacy chemist صيدلية
prescription وصفة روشتة
test tests analysis تحليل تحاليل فحص فحوصات
result results نتيجة نتائج
blood دم
fasting fast صيام صائم صايم
vaccine vaccination vaccines تطعيم لقاح تطعيمات
report reports تقرير تقارير
certificate certificates شهادة شهادات
id identity identification هوية بطاقة
passport جواز باسبور
copy copies نسخة صورة
document documents papers مستند مستندات وثيقة أوراق
sign signature signed توقيع يوقع
data information معلومات بيانات
keep kept store stored تحفظ حفظ يحتفظ نحتفظ
delete erase deleted حذف محو مسح
send sent إرسال يرسل تطرش يطرش
bring brought إحضار جلب يجيب أجيب
buy bought purchase purchased شراء اشترى أشتري
sell sold بيع يبيع تبيعون
used second مستعمل
new جديد
size sizes مقاس مقاسات حجم
colour color colours لون ألوان
weight heavy وزن ثقيل
clean cleaning تنظيف نظيف
training course courses تدريب دورة دورات
job jobs vacancy وظيفة وظائف شغل
salary راتب معاش
battery batteries بطارية بطاريات
electricity power كهرباء
gas غاز
light lights ضوء إضاءة لمبة
noise صوت ضوضاء إزعاج
cold برد بارد
hot heat حار حرارة سخن
"""


def _compile() -> dict[str, frozenset[str]]:
    same: dict[str, set[str]] = {}
    for line in _LISTED.strip().splitlines():
        stems = {stem(word) for word in fold(line).split()}
        for each in stems:
            same.setdefault(each, set()).update(stems - {each})
    return {word: frozenset(others) for word, others in same.items()}


_SAME = _compile()


def others_for(term: str) -> frozenset[str]:
    """The stems that may stand in a text where a question has this one."""
    return _SAME.get(term, frozenset())
