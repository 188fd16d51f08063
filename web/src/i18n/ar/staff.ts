/** What the staff's pages say, in Arabic. */

import type { Words } from "../en";

export const staff: Pick<
  Words,
  | "login"
  | "nav"
  | "role"
  | "account"
  | "calls"
  | "state"
  | "outcome"
  | "language"
  | "channel"
  | "kind"
  | "detail"
  | "recording"
  | "error"
> = {
  login: {
    title: "دخول الموظفين",
    lead: "لمن يتابعون المكالمات.",
    tenant: "الجهة",
    tenantHint: "اسمها المختصر كما في عنوان صفحة الاتصال",
    email: "البريد الإلكتروني",
    password: "كلمة المرور",
    submit: "دخول",
    busy: "جارٍ الدخول…",
    expired: "خرجت من حسابك. ادخل مجددًا من فضلك.",
    error: {
      wrong: "الجهة أو البريد أو كلمة المرور غير صحيحة.",
      throttled: "محاولات كثيرة. انتظر لحظة من فضلك.",
      unreachable: "الخادم لا يجيب. حاول مجددًا.",
      unknown: "لم ينجح ذلك. حاول مجددًا.",
    },
  },
  nav: { title: "الصفحات" },
  role: { admin: "مسؤول", supervisor: "مشرف", advisor: "مستشار", viewer: "مطّلع" },
  account: {
    menu: "الحساب",
    password: "تغيير كلمة المرور",
    logout: "خروج",
    current: "كلمة المرور الحالية",
    next: "كلمة المرور الجديدة",
    again: "كلمة المرور الجديدة مرة أخرى",
    rule: "{{least}} حرفًا على الأقل، خمسة منها مختلفة، وبلا اسمك أو بريدك.",
    save: "غيّر كلمة المرور",
    saved: "تغيّرت كلمة المرور. ادخل بها من فضلك.",
    error: {
      weak: "كلمة المرور الجديدة أبسط مما ينبغي: انظر القاعدة أعلاه.",
      throttled: "محاولات كثيرة. انتظر لحظة من فضلك.",
      different: "كلمتا المرور الجديدتان مختلفتان.",
      wrong: "كلمة المرور الحالية غير صحيحة.",
      unknown: "لم ينجح ذلك. حاول مجددًا.",
    },
  },
  calls: {
    title: "المكالمات",
    lead: "الأحدث أولًا، وتتجدد تلقائيًا.",
    when: "الوقت",
    outcome: "النتيجة",
    language: "اللغة",
    duration: "المدة",
    disposition: "التصنيف",
    rating: "التقييم",
    open: "افتح مكالمة {{when}}",
    empty: "لا مكالمات بعد",
    emptyHint: "أجرِ أول مكالمة من صفحة الهاتف، فتظهر هنا فورًا.",
    toSoftphone: "افتح صفحة الهاتف",
    stale: "تعذّر الوصول إلى الخادم. نعرض آخر ما نعرفه.",
    loading: "جارٍ تحميل المكالمات…",
    none: "–",
    stars: "{{stars}} من 5 نجوم",
    filter: { all: "الكل", live: "الجارية", ended: "المنتهية" },
    noneInFilter: "ليس بين أحدث المكالمات ما يطابق ذلك.",
  },
  state: {
    connecting: "جارٍ الاتصال",
    talking: "جارية",
    held: "قيد الانتظار",
    bridged: "مع موظف",
    ended: "منتهية",
  },
  outcome: {
    caller_hung_up: "أنهاها المتصل",
    agent_said_goodbye: "مكتملة",
    caller_silent: "صمت المتصل",
    ended_by_operator: "أنهاها موظف",
    handed_off: "حُوّلت",
    busy: "مشغول",
    lost: "انقطعت",
  },
  language: { en: "الإنجليزية", ar: "العربية" },
  channel: { web: "الويب", phone: "الهاتف" },
  kind: {
    greeting: "تحية",
    answer: "إجابة",
    clarify: "استيضاح",
    filler: "تمهيد",
    apology: "اعتذار",
    prompt: "تنبيه",
    goodbye: "وداع",
  },
  detail: {
    title: "مكالمة {{when}}",
    back: "كل المكالمات",
    id: "رقم المكالمة",
    copy: "نسخ",
    copied: "نُسخ",
    channel: "القناة",
    summary: "الملخص",
    noSummary: "لا ملخص بعد.",
    facts: "البيانات",
    state: "الحالة",
    outcome: "النتيجة",
    transcript: "نص المكالمة",
    caller: "المتصل",
    noTurns: "لم يُقل شيء.",
    latency: "زمن الاستجابة لكل إجابة",
    latencyLead: "من آخر كلمة للمتصل إلى أول صوت منا.",
    noLatency: "لا إجابات مقيسة.",
    answer: "الإجابة",
    stages: "المراحل",
    total: "المجموع",
    seconds: "ث",
    stage: {
      endpoint: "نهاية الدور",
      vad: "كشف الصوت",
      asr: "التعرف على الكلام",
      brain: "القرار",
      llm: "النموذج اللغوي",
      retrieval: "المعرفة",
      tts: "توليد الصوت",
      playout: "التشغيل",
      transport: "النقل",
    },
    interrupted: "قاطعه المتصل",
    missing: "هذه المكالمة ليست هنا",
    missingHint: "ربما تعود إلى جهة أخرى أو مُحيت.",
  },
  recording: {
    title: "التسجيل",
    listen: "استمع",
    player: "تسجيل المكالمة: المتصل على اليسار، والوكيل والمستشار على اليمين",
    onRecord: "يُدوَّن كل استماع في سجل التدقيق.",
    none: "لم تُسجَّل هذه المكالمة.",
    incomplete: "أجزاء من هذا التسجيل ناقصة.",
    altered: "عُبث بملفات هذا التسجيل، فلا يُعتدّ به ولن يُشغَّل.",
    failed: "تعذّر تشغيل التسجيل الآن.",
    consent: "ما قاله المتصل بشأن التسجيل",
    state: {
      asked: "سُئل المتصل",
      granted: "وافق المتصل",
      declined: "رفض المتصل",
      stopped: "طلب المتصل إيقافه",
    },
  },
  error: {
    forbidden: "لا يسمح دورك بعرض هذا.",
    failed: "تعذّر التحميل.",
    again: "حاول مجددًا",
    notFound: "لا أحد على هذا الرقم",
    notFoundHint: "الصفحة التي طلبتها ليست هنا.",
    home: "إلى صفحة الهاتف",
  },
};
