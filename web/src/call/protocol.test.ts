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
    [{ type: "parties", parties: [{ role: "advisor", mode: "talk", name: "Aisha" }] }],
    [{ type: "parted", reason: "replaced" }],
  ])("reads %j", (message) => {
    expect(parseMessage(JSON.stringify(message))).toEqual(message);
  });

  it("reads who the caller is with, and refuses company that it doesn't know", () => {
    const held = { type: "phase", phase: "held", position: 2, wait_s: 90, callbacks: false };
    expect(parseMessage(JSON.stringify(held))).toEqual({
      ...held,
      choose: false,
      number: false,
      advisor: null,
    });
    expect(parseMessage('{"type":"phase","phase":"converse"}')).toEqual({
      type: "phase",
      phase: "converse",
      position: null,
      wait_s: null,
      choose: false,
      callbacks: true,
      number: false,
      advisor: null,
    });
    expect(parseMessage('{"type":"phase","phase":"elsewhere"}')).toBeNull();
    expect(parseMessage('{"type":"move"}')).toEqual({ type: "move" });
    expect(parseMessage('{"type":"recording","on":true}')).toEqual({ type: "recording", on: true });
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
      id: "t-1",
    });
    expect(parseMessage(raw)).toEqual({
      type: "turn",
      seq: 2,
      speaker: "caller",
      kind: null,
      interrupted: false,
      id: "t-1",
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
