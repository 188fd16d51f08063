/** What the pages say of messages, in Arabic. */

import type { Words } from "../en";

export const threads: Pick<Words, "thread"> = {
  thread: {
    title: "محادثة كتابية {{when}}",
    writer: "العميل",
    words: "الرسائل",
    delivery: {
      queued: "في الانتظار",
      unclear: "غير مؤكد أنها أُرسلت",
      sent: "أُرسلت",
      delivered: "وصلت",
      read: "قُرئت",
      failed: "لم تصل",
    },
    reason: {
      outside_window: "مضى أكثر من 24 ساعة على آخر رسالة منه",
      opted_out: "لا يريد رسائل منا",
      do_not_contact: "يجب عدم التواصل مع هذا الرقم",
      too_many_texts: "رسائل كثيرة في وقت قصير",
      no_connection: "لا توجد خدمة متصلة",
      bad_number: "لا يمكن لهذا الرقم استقبال الرسائل",
      not_reached: "لا يمكن الوصول إلى الهاتف",
      template_unknown: "القالب لم يعد معتمدًا",
      template_misfit: "القيم لا تناسب القالب",
      account_trouble: "حساب الشركة لدى الخدمة مقيّد",
      blocked_content: "حُجبت لأنها غير مرغوب فيها",
      text_refused: "رفضتها الخدمة",
    },
    closed: {
      outside_window:
        "الكتابة الحرة مغلقة: لا يسمح واتساب بها إلا خلال 24 ساعة من آخر رسالة للعميل. أرسل قالبًا معتمدًا، وعندما يجيب تستطيع الكتابة من جديد.",
      opted_out: "كتب هذا العميل أنه لا يريد رسائل منا هنا.",
    },
    noTemplates: "ليس لدى شركتك قوالب معتمدة هنا. انتظر حتى يكتب، أو اتصل به.",
    until: "الكتابة الحرة حتى {{when}}",
    template: {
      pick: "القالب",
      send: "أرسل القالب",
      use: "استخدم قالبًا",
      unknown: "لم يعد هذا القالب موجودًا. اختر غيره.",
      misfit: "كل قيمة سطر واحد من 1 إلى 200 حرف.",
    },
  },
};
