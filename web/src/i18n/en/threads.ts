/** What the pages say of messages, in English: how far each has come, and how to write when words are not let through. */

export const threads = {
  thread: {
    title: "Thread of {{when}}",
    writer: "Customer",
    words: "Messages",
    delivery: {
      queued: "queued",
      unclear: "unclear whether it was sent",
      sent: "sent",
      delivered: "delivered",
      read: "read",
      failed: "not delivered",
    },
    reason: {
      outside_window: "more than 24 hours after their last message",
      opted_out: "this person wants no messages",
      do_not_contact: "this number is not to be contacted",
      too_many_texts: "too many messages in a short time",
      no_connection: "no service is connected",
      bad_number: "this number can't get messages",
      not_reached: "the phone can't be reached",
      template_unknown: "the template is not approved any more",
      template_misfit: "the values don't fit the template",
      account_trouble: "the company's account at the service is restricted",
      blocked_content: "held back as unwanted",
      text_refused: "the service refused it",
    },
    closed: {
      outside_window:
        "Free text is closed: WhatsApp lets us write freely only within 24 hours of the person's last message. Send an approved template; once they answer, you can write again.",
      opted_out: "This person has written that they want no messages from us here.",
    },
    noTemplates: "Your company has no approved templates here. Wait until they write, or call them.",
    until: "Free text until {{when}}",
    template: {
      pick: "Template",
      send: "Send template",
      use: "Use a template",
      unknown: "This template is not there any more. Choose another one.",
      misfit: "Each value is one line of 1 to 200 characters.",
    },
  },
};
