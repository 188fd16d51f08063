"""The scenarios: thresholds were chosen on the even places of this list, figures are reported on the odd ones."""

from __future__ import annotations

from tests.bench.turn_taking.scenario import Cough, Cut, Kind, Over, Part, Pause, Said, Scenario

TELLS = (
    "We are open from nine in the morning until six in the evening, from Sunday to Thursday, and on Saturday we open "
    "at ten and close at four in the afternoon."
)
ASKS_NUMBER = "Sure. What is your order number, please?"
ASKS_YES_NO = "Would you like me to get a colleague for you?"
MSA, GULF, NAJDI, EGY = "ar-msa.mp3", "ar-gulf.wav", "ar-najdi.wav", "ar-egy.mp3"
LJ1, LJ11, LJ42 = "en-lj001-0012.wav", "en-lj011-0202.wav", "en-lj042-0094.wav"


def _(name: str, kind: Kind, *parts: Part, **more: object) -> Scenario:
    return Scenario(name=name, kind=kind, parts=parts, **more)  # type: ignore[arg-type]


SCENARIOS = (
    # ------------------------------------------------ whole turns
    _("a question", Kind.ENDS, Said("What are your opening hours?"), Over()),
    _("another question", Kind.ENDS, Said("How much does delivery cost?"), Over()),
    _("a statement", Kind.ENDS, Said("My washing machine is broken."), Over()),
    _("a wish", Kind.ENDS, Said("I would like to talk to somebody about my bill."), Over()),
    _("two turns", Kind.ENDS, Said("Where is your shop?"), Over(), Said("And how can I pay?"), Over()),
    _("a short one", Kind.ENDS, Said("Where are you?"), Over()),
    _("by telephone", Kind.ENDS, Said("Do you repair washing machines?"), Over(), telephone=True),
    _("another by telephone", Kind.ENDS, Said("How long is the warranty on a new fridge?"), Over(), telephone=True),
    _("a real voice", Kind.ENDS, Cut(LJ42), Over()),
    _("a real voice by telephone", Kind.ENDS, Cut(LJ42), Over(), telephone=True),
    _("Egyptian", Kind.ENDS, Cut(EGY), Over()),
    _("Najdi", Kind.ENDS, Cut(NAJDI), Over()),
    _("Gulf", Kind.ENDS, Cut(GULF), Over()),
    _("Modern Standard", Kind.ENDS, Cut(MSA), Over()),
    # ------------------------------------------------ pauses inside
    _(
        "looks for a word",
        Kind.PAUSES,
        Said("I would like to know if you have a"),
        Pause(700),
        Said("vacuum cleaner."),
        Over(),
    ),
    _("and then", Kind.PAUSES, Said("I bought a fridge and"), Pause(800), Said("it does not get cold."), Over()),
    _("because", Kind.PAUSES, Said("I am calling because"), Pause(900), Said("my order did not arrive."), Over()),
    _("my name is", Kind.PAUSES, Said("Hello, my name is"), Pause(600), Said("Sara Khan."), Over()),
    _("a clause and a half", Kind.PAUSES, Said("When I switch it on,"), Pause(500), Said("nothing happens."), Over()),
    _("um", Kind.PAUSES, Said("I want to, um,"), Pause(900), Said("change my address."), Over()),
    _("so my", Kind.PAUSES, Said("So my"), Pause(600), Said("my washing machine leaks."), Over()),
    _("could you tell me", Kind.PAUSES, Said("Could you tell me"), Pause(450), Said("where your shop is?"), Over()),
    _(
        "by telephone, looks for a word",
        Kind.PAUSES,
        Said("I need to speak to"),
        Pause(700),
        Said("the manager."),
        Over(),
        telephone=True,
    ),
    _("a list", Kind.PAUSES, Said("I ordered a kettle, a toaster, and"), Pause(700), Said("two lamps."), Over()),
    _("the Egyptian one breaks off", Kind.PAUSES, Cut(EGY, 0, 1_900), Pause(500), Cut(EGY, 1_900), Over()),
    _("the Modern Standard one breaks off", Kind.PAUSES, Cut(MSA, 0, 4_700), Pause(600), Cut(MSA, 4_700), Over()),
    _("the Gulf one breaks off", Kind.PAUSES, Cut(GULF, 0, 3_300), Pause(500), Cut(GULF, 3_300), Over()),
    _("the Najdi one breaks off", Kind.PAUSES, Cut(NAJDI, 0, 3_500), Pause(500), Cut(NAJDI, 3_500), Over()),
    _("a real voice breaks off", Kind.PAUSES, Cut(LJ1, 0, 2_600), Pause(500), Cut(LJ1, 2_600), Over()),
    _("a real voice between sentences", Kind.PAUSES, Cut(LJ11, 0, 700), Pause(500), Cut(LJ11, 700), Over()),
    # ------------------------------------------------ numbers
    _(
        "an order number in groups",
        Kind.NUMBERS,
        Said("It's four five"),
        Pause(700),
        Said("seven two."),
        Over(),
        asked=ASKS_NUMBER,
    ),
    _(
        "a phone number in groups",
        Kind.NUMBERS,
        Said("Zero five five."),
        Pause(800),
        Said("one two three."),
        Pause(800),
        Said("four five six seven."),
        Over(),
        asked="What is your phone number, please?",
    ),
    _(
        "a number that nobody asked for",
        Kind.NUMBERS,
        Said("My number is zero five five"),
        Pause(800),
        Said("one two three four five six seven."),
        Over(),
    ),
    _(
        "a number by telephone",
        Kind.NUMBERS,
        Said("Nine nine one."),
        Pause(700),
        Said("four two eight."),
        Over(),
        asked=ASKS_NUMBER,
        telephone=True,
    ),
    # ------------------------------------------------ yes and no
    _("yes", Kind.REPLIES, Said("Yes, please."), Over(), asked=ASKS_YES_NO),
    _("no", Kind.REPLIES, Said("No, thank you."), Over(), asked=ASKS_YES_NO),
    _("yes by telephone", Kind.REPLIES, Said("Yes."), Over(), asked=ASKS_YES_NO, telephone=True),
    _("okay", Kind.REPLIES, Said("Okay."), Over(), asked=ASKS_YES_NO),
    # ------------------------------------------------ somebody else in the room
    _("a question with a television", Kind.BACKGROUND, Said("How can I pay?"), Over(), background=Cut(LJ11)),
    _("a question with people", Kind.BACKGROUND, Said("Do you deliver to Sharjah?"), Over(), background=Cut(NAJDI)),
    _(
        "a cough in the middle",
        Kind.BACKGROUND,
        Said("I have a question about"),
        Pause(250),
        Cough(3),
        Pause(350),
        Said("my last bill."),
        Over(),
    ),
    _("a cough and then a question", Kind.BACKGROUND, Cough(4), Pause(400), Said("Where is your shop?"), Over()),
    # ------------------------------------------------ over the agent
    _("uh-huh", Kind.BACKCHANNELS, Said("Uh huh."), Over(), over_agent=TELLS),
    _("okay over the agent", Kind.BACKCHANNELS, Said("Okay."), Over(), over_agent=TELLS),
    _("right", Kind.BACKCHANNELS, Said("Right."), Over(), over_agent=TELLS),
    _("okay, I see", Kind.BACKCHANNELS, Said("Okay, I see."), Over(), over_agent=TELLS),
    _("yes, by telephone", Kind.BACKCHANNELS, Said("Yes."), Over(), over_agent=TELLS, telephone=True),
    _("okay, thank you", Kind.BACKCHANNELS, Said("Okay, thank you."), Over(), over_agent=TELLS),
    _("a cough over the agent", Kind.NOISES, Cough(1), Over(), over_agent=TELLS),
    _("two coughs", Kind.NOISES, Cough(2), Pause(150), Cough(5), Over(), over_agent=TELLS),
    _("a television", Kind.NOISES, Cough(6), Over(), over_agent=TELLS, background=Cut(LJ42)),
    _("a cough by telephone", Kind.NOISES, Cough(7), Over(), over_agent=TELLS, telephone=True),
    _("stop", Kind.INTERRUPTIONS, Said("Stop."), Over(), over_agent=TELLS, interrupts=True),
    _("no, wait", Kind.INTERRUPTIONS, Said("No, wait."), Over(), over_agent=TELLS, interrupts=True),
    _(
        "another question over it",
        Kind.INTERRUPTIONS,
        Said("And what about Friday, are you open?"),
        Over(),
        over_agent=TELLS,
        interrupts=True,
    ),
    _(
        "okay, but",
        Kind.INTERRUPTIONS,
        Said("Okay, but I asked about delivery."),
        Over(),
        over_agent=TELLS,
        interrupts=True,
    ),
    _("Egyptian over it", Kind.INTERRUPTIONS, Cut(EGY, 0, 1_900), Over(), over_agent=TELLS, interrupts=True),
    _("Gulf over it", Kind.INTERRUPTIONS, Cut(GULF, 0, 2_000), Over(), over_agent=TELLS, interrupts=True),
    _(
        "over it by telephone",
        Kind.INTERRUPTIONS,
        Said("Sorry, can you say that again?"),
        Over(),
        over_agent=TELLS,
        interrupts=True,
        telephone=True,
    ),
    _("yes to a question", Kind.INTERRUPTIONS, Said("Yes."), Over(), over_agent=ASKS_YES_NO, interrupts=True),
    # ------------------------------------------------ the agent's own voice
    _("an echo, 80 ms, 15 dB", Kind.ECHOES, Over(), over_agent=TELLS, echo=(80, 15)),
    _("an echo, 120 ms, 20 dB", Kind.ECHOES, Over(), over_agent=TELLS, echo=(120, 20)),
    _("an echo, 180 ms, 30 dB", Kind.ECHOES, Over(), over_agent=TELLS, echo=(180, 30)),
    _("an echo, 250 ms, 15 dB", Kind.ECHOES, Over(), over_agent=TELLS, echo=(250, 15)),
    _("an echo by telephone", Kind.ECHOES, Over(), over_agent=TELLS, echo=(150, 20), telephone=True),
    _(
        "a question over the echo",
        Kind.INTERRUPTIONS,
        Said("Excuse me, how much is delivery?"),
        Over(),
        over_agent=TELLS,
        interrupts=True,
        echo=(120, 20),
    ),
    # ------------------------------------------------ more over the agent
    _("yes, I see", Kind.BACKCHANNELS, Said("Yes, I see."), Over(), over_agent=TELLS),
    _("right, thank you", Kind.BACKCHANNELS, Said("Right, thank you."), Over(), over_agent=TELLS, telephone=True),
    _("okay, but why", Kind.INTERRUPTIONS, Said("Okay, but why?"), Over(), over_agent=TELLS, interrupts=True),
    _("yes, but how much", Kind.INTERRUPTIONS, Said("Yes, but how much?"), Over(), over_agent=TELLS, interrupts=True),
)
