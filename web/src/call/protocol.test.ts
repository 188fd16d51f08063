import { describe, expect, it } from "vitest";
import { parseMessage } from "./protocol";

describe("parseMessage", () => {
  it.each([
    [{ type: "ready", call_id: "c", lease: 2 }],
    [{ type: "floor", floor: "contested", at_ms: 40 }],
    [
      {
        type: "transcript",
        seq: 3,
        speaker: "agent",
        text: "أهلًا",
        language: "ar",
        final: true,
        kind: "greeting",
      },
    ],
    [{ type: "speaking", seq: 3, kind: "answer", at_ms: 1 }],
    [{ type: "answered", seq: 3 }],
    [{ type: "notice", code: "bad_message", text: "What?" }],
    [{ type: "ended", outcome: "lost" }],
    [{ type: "pong", t: 12.5 }],
  ])("reads %j", (message) => {
    expect(parseMessage(JSON.stringify(message))).toEqual(message);
  });

  it("keeps of a turn what the page shows", () => {
    const raw = JSON.stringify({
      type: "turn",
      seq: 2,
      speaker: "caller",
      kind: null,
      intent: "hours",
      interrupted: false,
      stages_ms: {},
    });
    expect(parseMessage(raw)).toEqual({
      type: "turn",
      seq: 2,
      speaker: "caller",
      kind: null,
      interrupted: false,
    });
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[1]"],
    ["null", "null"],
    ["an unknown type", '{"type":"sing"}'],
    ["an unknown floor", '{"type":"floor","floor":"dance"}'],
    ["a stranger", '{"type":"transcript","seq":1,"speaker":"ghost","text":"boo"}'],
    ["a transcript without text", '{"type":"transcript","seq":1,"speaker":"agent"}'],
    ["a turn of nobody", '{"type":"turn","seq":1}'],
  ])("refuses %s", (_, raw) => {
    expect(parseMessage(raw)).toBeNull();
  });

  it("refuses bytes", () => {
    expect(parseMessage(new ArrayBuffer(4))).toBeNull();
  });
});
