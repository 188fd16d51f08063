import { describe, expect, it } from "vitest";
import { type TranscriptLine, withWords } from "../call/transcript";
import { isSameSpeaker, speakerOf } from "./speaker";

const NAMES = {
  caller: "Customer",
  agent: "Agent",
  advisor: "Advisor",
  supervisor: "Supervisor",
  notice: "Notice",
};
const AISHA = { id: "aisha", name: "Aisha" };
const READER = { id: "aisha", you: "You" };

function line(said: Partial<TranscriptLine>): TranscriptLine {
  const message = {
    seq: 1,
    speaker: "advisor" as const,
    text: "hello",
    language: "en",
    final: true,
    ...said,
  };
  const [first] = withWords([], message as Parameters<typeof withWords>[1]);
  if (!first) throw new Error("no line");
  return first;
}

describe("a line of the transcript", () => {
  it("is one's own, or that of the other advisor by name", () => {
    expect(speakerOf(line({ by: AISHA }), NAMES, READER)).toBe("You");
    expect(speakerOf(line({ by: { id: "omar", name: "Omar" } }), NAMES, READER)).toBe("Omar");
    expect(speakerOf(line({ by: AISHA }), NAMES, null)).toBe("Aisha");
  });

  it("is some advisor's where nobody knows the name, or who it was", () => {
    expect(speakerOf(line({ by: { id: "phone", name: null } }), NAMES, READER)).toBe("Advisor");
    expect(speakerOf(line({}), NAMES, READER)).toBe("Advisor");
    expect(speakerOf(line({ speaker: "caller" }), NAMES, READER)).toBe("Customer");
  });

  it("is a supervisor's to everybody but that supervisor", () => {
    const barged = line({ by: { id: "khalid", name: "Khalid" }, supervisor: true });
    expect(speakerOf(barged, NAMES, READER)).toBe("Supervisor");
    expect(speakerOf(barged, NAMES, { id: "khalid", you: "You" })).toBe("You");
  });

  it("goes on under one name only while the same person speaks", () => {
    expect(isSameSpeaker(line({ by: AISHA }), line({ by: AISHA }))).toBe(true);
    expect(isSameSpeaker(line({ by: AISHA }), line({ by: { id: "omar", name: "Omar" } }))).toBe(false);
    expect(isSameSpeaker(line({ by: AISHA }), undefined)).toBe(false);
  });
});
