/** What the page for copied voices says, in English. */

export const voices = {
  voices: {
    title: "Voices",
    loading: "Loading voices…",
    lead: "Copies of people's voices, each with that person's consent. The company names one among its voices, and callers hear it.",
    none: "No voice has been copied",
    noneHint:
      "You need a recording of 6 to 30 seconds of one person, and that person's consent to the words that you will see.",
    add: "Copy a voice",
    engine: {
      none: "The speech engine here can't copy voices",
      noneHint:
        "XTTS v2 can, on a machine with a GPU; docs/speech.md says how it is installed. Its licence forbids commercial use: you may try it, and may not answer your customers with it. Until then the engine's own voice speaks in place of a copied one.",
      away: "The speech process does not answer",
      awayHint: "Whether it can copy voices is not known. Recordings and consents are kept all the same.",
    },
    state: { speaks: "Callers hear it", unused: "Not in use", waits: "Waits for an engine" },
    name: "Named",
    givenOn: "Consent given on",
    recordedBy: "Recorded by",
    language: "Language",
    languageHint:
      "Of the recording, and of the words that the person agrees to. The copy speaks both languages.",
    heardIn: "Heard in",
    heardNowhere: "no language",
    noWords: "The words of this consent are not on record: it was recorded by the hatif command.",
    useHint: "To let it speak, name it {{voice}}",
    useLink: "among the company's voices.",
    withdraw: "Withdraw consent",
    withdrawTitle: "Withdraw the consent of {{name}}?",
    withdrawWarning:
      "Recording and consent are deleted, and no sentence begins with this voice any more. This can't be undone.",
    licence:
      "XTTS v2, the engine that copies voices, may not be used commercially. Check with whoever is responsible before callers hear a copy.",
    person: "Whose voice it is",
    shortName: "Short name",
    shortNameHint: "Small letters, digits, - and _, at most 16.",
    sample: "Recording",
    sampleHint: "6 to 30 seconds of that person alone, without music or noise; 13 are good. Any audio file.",
    pick: "Choose a recording",
    pickAgain: "Choose another one",
    listen: "The recording",
    reading: "Reading the recording…",
    sending: "Sending the recording",
    agreed: "{{person}} has agreed to exactly these words",
    thePerson: "This person",
    keep: "Keep voice and consent",
    fault: {
      name: "Small letters, digits, - and _, at most 16, please; a letter comes first.",
      taken: "There is a voice of this name already.",
      person: "Please enter the name of the person.",
      given_on: "Please enter the day on which the consent was given; it can't be in the future.",
      agreed: "Without this consent no voice is copied.",
      sample: "Please choose a recording.",
      too_short: "It has less than 6 seconds.",
      too_long: "It has more than 30 seconds.",
      unreadable: "This is no audio file that can be read.",
    },
    refused: {
      bad_sample: "It must have 6 to 30 seconds in which somebody is heard.",
      bad_audio: "The recording did not arrive as sound. Please choose it again.",
      no_consent: "The words of the consent have changed, or its day lies ahead. Please load the page again.",
      voice_exists: "There is a voice of this name already.",
      too_many_voices: "There are 20 voices already. Withdraw one first.",
    },
  },
};
