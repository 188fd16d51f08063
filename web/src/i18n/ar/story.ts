/** What a call's page says beside its words, in Arabic. */

import type { Words } from "../en";

export const story: Pick<Words, "story"> = {
  story: {
    newLine: "هنا استؤنفت المكالمة على خط آخر",
    handoffs: "مع الموظفين",
    goesOn: "مستمر",
    waited: "انتظر {{time}}",
    offeredNobody: "لم ترنّ لدى أحد.",
    phone: "تحويلة الهاتف",
    result: {
      finished: "أنهاها مستشار",
      given_back: "أعيدت إلى الوكيل",
      never_mind: "واصل العميل مع الوكيل",
      no_advisor: "لم يتفرغ أحد",
      callback_promised: "وُعد بمعاودة الاتصال",
      closed: "خارج أوقات العمل",
      refused: "لم يكن ممكنًا",
      caller_gone: "أنهاها العميل",
    },
    actions: "ما أُنجز في أنظمة أخرى",
    state: {
      done: "تم",
      running: "قيد التنفيذ",
      waiting_approval: "ينتظر الموافقة",
      rejected: "رُفض",
      unknown: "غير مؤكد: تحقق منه",
    },
    reference: "رقم",
    ticketNow: "التذكرة الآن",
    moodNote: "تقدير من كلام العميل، ولا يُتخذ به أي قرار بشأنه.",
  },
};
