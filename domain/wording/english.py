"""The fixed sentences of English that a formal company says otherwise: no contraction, and asked rather than told."""

from __future__ import annotations

FORMAL: dict[str, str] = {
    # ------------------------------------------------------------ greeting, courtesies, goodbye
    "Hello!": "Welcome.",
    "Hello, this is the automated assistant of {name}.": "Good day, this is the automated assistant of {name}.",
    "How can I help you?": "How may I help you?",
    "What can I do for you?": "How may I be of service?",
    "Is there anything else?": "May I help you with anything else?",
    "Is there anything else I can do for you?": "May I help you with anything else?",
    "I'm well, thank you.": "I am well, thank you.",
    "You're welcome.": "You are most welcome.",
    "All right.": "Very well.",
    "Sure.": "Certainly.",
    "Gladly.": "With pleasure.",
    "Of course, let's speak English.": "Certainly, we shall continue in English.",
    "I'm the automated assistant of {name}, not a human being.": (
        "I am the automated assistant of {name}, and not a human being."
    ),
    "Thank you for calling.": "Thank you very much for your call.",
    "Goodbye!": "Goodbye.",
    # ------------------------------------------------------------ not heard, not understood, not known
    "Sorry, I missed that.": "I apologise, I did not hear that.",
    "Could you say it again?": "May I ask you to say it again?",
    "Could you say that again?": "May I ask you to say that again?",
    "I'm sorry, something went wrong on my side.": "I apologise, something went wrong on my side.",
    "I'm sorry, I have trouble speaking right now.": "I apologise, I have difficulty speaking at the moment.",
    "Sorry, we were cut off.": "I apologise, we were cut off.",
    "I can't hear you, so I will hang up now.": "I am unable to hear you, so I will end the call now.",
    "I'm not sure that I understood you.": "I am not certain that I understood you.",
    "Could you ask it in other words?": "May I ask you to put it in other words?",
    "I'm not sure that I can help with that.": "I am not certain that I can help with that.",
    "I can't do that myself, but I can note it for a colleague.": (
        "I am unable to do that myself, but I can note it for a colleague."
    ),
    "I haven't told you anything yet.": "I have not told you anything yet.",
    "I didn't get that right.": "I did not understand that correctly.",
    "I can't take that down as it is.": "I am unable to take that down as it is.",
    "I'm sorry, I can't look into our documents right now.": (
        "I apologise, I am unable to consult our documents at the moment."
    ),
    "You can hang up at any time.": "You may end the call at any time.",
    "We won't call you on this number any more.": "We will not call you on this number any more.",
    # ------------------------------------------------------------ towards a person
    "I'm getting a colleague for you as well, but please don't wait for us.": (
        "I am also calling a colleague for you, but please do not wait for us."
    ),
    "Of course, I'll connect you to a colleague.": "Certainly, I will connect you to a colleague.",
    "I'm sorry, I'm not able to help you well.": "I apologise, I am not able to help you as I should.",
    "Let me get a colleague for you.": "Please allow me to connect you to a colleague.",
    "Let me get one for you.": "Please allow me to connect you to one.",
    "I'm sorry that this has been so annoying.": "I apologise for the inconvenience that this has caused you.",
    "Would you like me to get a colleague for you?": "May I connect you to a colleague?",
    "Shall I connect you to a colleague?": "May I connect you to a colleague?",
    "I'm sorry, the system that I need for this isn't answering.": (
        "I apologise, the system that I need for this is not answering."
    ),
    "I'm connecting you to {name} now.": "I am connecting you to {name} now.",
    "I'm connecting you now.": "I am connecting you now.",
    "I'm connecting you to a colleague now.": "I am connecting you to a colleague now.",
    "Nobody is free right now.": "All of my colleagues are engaged at the moment.",
    "Sorry, which one would you like: shall somebody call you back, or shall we go on together?": (
        "I apologise, which would you prefer: shall somebody call you back, or shall we go on together?"
    ),
    "Sorry, which one would you like: to stay on the line, or shall we go on together?": (
        "I apologise, which would you prefer: to stay on the line, or shall we go on together?"
    ),
    "I'm sorry, we don't call back.": "I regret that we do not call back.",
    "I can't say how long it will take.": "I am unable to say how long it will take.",
    "All right, please stay on the line.": "Very well, please stay on the line.",
    "All right, one moment.": "Very well, one moment, please.",
    "I'm sorry, I couldn't reach a colleague on the phone.": (
        "I regret that I could not reach a colleague on the phone."
    ),
    "I'm looking for somebody else; please hold on.": "I am looking for somebody else; please hold the line.",
    "Please hold on, I am looking for a colleague for you.": (
        "Please hold the line, I am looking for a colleague for you."
    ),
    "Please hold on.": "Please hold the line.",
    "All right, you are back with me.": "Very well, you are back with me.",
    "I'm sorry, nobody was free.": "I regret that nobody was available.",
    "I'm sorry, I can't reach a colleague right now.": "I regret that I cannot reach a colleague at the moment.",
    # ------------------------------------------------------------ called back
    "On which number shall we call you?": "On which number may we call you?",
    "Which number shall we call?": "Which number may we call?",
    "Sorry about that.": "I apologise.",
    "Sorry, that isn't a whole number.": "I apologise, that is not a whole number.",
    "I'm sorry, I couldn't note it just now.": "I apologise, I could not note it just now.",
    "Without a number nobody can call you back, I'm sorry.": "I regret that nobody can call you back without a number.",
    "We are closed right now, I'm sorry.": "I regret that we are closed at the moment.",
    "We'll call you back when we open {day} at {time}.": "We will call you back when we open {day} at {time}.",
    "This number is on our list of numbers that we don't call, so please call us again.": (
        "This number is on our list of numbers that we do not call, so we ask you to call us again."
    ),
    "I'm sorry, I can't promise a call.": "I regret that I cannot promise a call.",
    "All right, nobody will call you.": "Very well, nobody will call you.",
    # ------------------------------------------------------------ recording, keys, a message
    "Sorry, I didn't catch that.": "I apologise, I did not hear that.",
    "All right, this call is not recorded.": "Very well, this call is not recorded.",
    "I'm sorry, I can't talk with you as usual right now.": (
        "I apologise, I am unable to talk with you as usual at the moment."
    ),
    "That's not on the menu.": "That is not on the menu.",
    "I'm sorry, I can't tell you our opening hours right now.": (
        "I apologise, I am unable to tell you our opening hours at the moment."
    ),
    "Sorry, no message was recorded.": "I regret that no message was recorded.",
    "I'm sorry that I couldn't help you.": "I regret that I could not help you.",
    # ------------------------------------------------------------ what is done for the caller
    "What shall I add, in a few words?": "What may I add, in a few words?",
    "Without that I can't find your ticket.": "Without that I am unable to find your ticket.",
    "I can't find a ticket by what you told me.": "I am unable to find a ticket by what you told me.",
    "I'm sorry, everything is taken for the next weeks.": "I regret that everything is taken for the next weeks.",
    "Shall I book that?": "May I book that for you?",
    "All right, I book nothing.": "Very well, I book nothing.",
    "Without that number I can't tell you anything about it.": (
        "Without that number I may not tell you anything about it."
    ),
    "I can't find a {record} by what you told me.": "I am unable to find a {record} by what you told me.",
    "Shall I do that now?": "May I do that now?",
    "All right, I leave it.": "Very well, I leave it.",
    "I'm sorry, that wasn't possible.": "I regret that this was not possible.",
    "I'm not certain that it went through.": "I am not certain that it went through.",
    "I'm sorry, I could not do that.": "I regret that I could not do that.",
    "I can't find anything under that.": "I am unable to find anything under that.",
    "I can't find anything by what you told me.": "I am unable to find anything by what you told me.",
    "Do you want another one?": "Would you like another one?",
    "All right, I open no ticket.": "Very well, I open no ticket.",
    "All right, one ticket it is.": "Very well, one ticket it is.",
    "I'm sorry, I can't open a ticket right now.": "I regret that I cannot open a ticket at the moment.",
    "I'm not certain that the ticket went through.": "I am not certain that the ticket went through.",
    # ------------------------------------------------------------ in writing
    "What shall I text you?": "What may I send you as a text message?",
    "To which mobile number shall I send it?": "To which mobile number may I send it?",
    "All right, I won't send anything.": "Very well, I will not send anything.",
    "Shall I send it once more?": "May I send it once more?",
    "All right, once is enough.": "Very well, once is enough.",
    "If it doesn't arrive, please tell us.": "If it does not arrive, please let us know.",
    "I'm sorry, I can't send text messages right now.": "I regret that I cannot send text messages at the moment.",
    "I'm not certain that the message went out, and I won't send it twice.": (
        "I am not certain that the message went out, and I will not send it twice."
    ),
    "I can't listen to voice notes yet, I'm sorry.": "I regret that I cannot listen to voice notes yet.",
    "I can read text only, I'm sorry: no pictures and no files.": (
        "I regret that I can read text only: no pictures and no files."
    ),
    "All right, you won't get any more messages from us here.": (
        "Very well, you will not receive any more messages from us here."
    ),
    "You get our messages again.": "You will receive our messages again.",
}
