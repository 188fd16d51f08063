/** What a call's page says beside its words, in English. */

export const story = {
  story: {
    newLine: "Here the call was taken up again, on another line",
    handoffs: "With people",
    goesOn: "goes on",
    waited: "waited {{time}}",
    offeredNobody: "It rang at nobody.",
    phone: "Phone extension",
    result: {
      finished: "Finished by an advisor",
      given_back: "Given back to the agent",
      never_mind: "Customer went on with the agent",
      no_advisor: "Nobody was free",
      callback_promised: "Callback promised",
      closed: "Outside of the hours",
      refused: "Not possible",
      caller_gone: "Customer hung up",
    },
    actions: "Done in other systems",
    state: {
      done: "done",
      running: "under way",
      waiting_approval: "waits for approval",
      rejected: "refused",
      unknown: "unsure: please check",
    },
    reference: "No.",
    ticketNow: "The ticket is now",
    moodNote: "Estimated from the customer's words. It never decides anything about a customer.",
  },
};
