import { describe, expect, it } from "vitest";
import { type CallEvent, type CallState, IDLE, isOver, reduce } from "./machine";
import type { FromHatif, Speaker } from "./protocol";

const got = (message: FromHatif, atMs = 1000): CallEvent => ({ type: "received", message, atMs });
const ready = (lease = 1): CallEvent => got({ type: "ready", call_id: "c1", lease });
const words = (seq: number, speaker: Speaker, text: string, final = true): CallEvent =>
  got({ type: "transcript", seq, speaker, text, language: "en", final });
const floor = (to: "open" | "caller" | "agent" | "contested"): CallEvent =>
  got({ type: "floor", floor: to, at_ms: 0 });
const turn = (seq: number, speaker: Speaker, interrupted: boolean, id: string | null = null): CallEvent =>
  got({ type: "turn", seq, speaker, kind: null, interrupted, id });

const play = (...events: CallEvent[]): CallState => events.reduce(reduce, IDLE);
const live = (...events: CallEvent[]): CallState =>
  play(
    { type: "call_pressed", withoutMicrophone: false },
    { type: "microphone_ready" },
    { type: "answered", callId: "c1", lease: 1 },
    ready(),
    ...events,
  );
const texts = (state: CallState): string[] =>
  state.lines.map((line) => `${line.speaker}${line.final ? "" : "?"}: ${line.text}`);

describe("opening", () => {
  it("asks for the microphone, then connects, then is live when Hatif is ready", () => {
    const phases: string[] = [];
    const steps: CallEvent[] = [
      { type: "call_pressed", withoutMicrophone: false },
      { type: "microphone_ready" },
      { type: "answered", callId: "c1", lease: 1 },
      ready(),
    ];
    let state = IDLE;
    for (const step of steps) {
      state = reduce(state, step);
      phases.push(state.phase);
    }
    expect(phases).toEqual(["microphone", "connecting", "connecting", "live"]);
    expect(state).toMatchObject({ callId: "c1", lease: 1, startedAtMs: 1000 });
  });

  it("does not ask for a microphone in a call without one", () => {
    expect(play({ type: "call_pressed", withoutMicrophone: true })).toMatchObject({
      phase: "connecting",
      withoutMicrophone: true,
    });
  });

  it("goes back to the button with a reason when the microphone is refused", () => {
    const state = play(
      { type: "call_pressed", withoutMicrophone: false },
      { type: "microphone_failed", problem: "denied" },
    );
    expect(state).toMatchObject({ phase: "idle", microphoneProblem: "denied" });
  });

  it("is no call at all when the caller cancels before it began", () => {
    const state = play({ type: "call_pressed", withoutMicrophone: true }, { type: "hung_up", atMs: 5 });
    expect(state).toEqual(IDLE);
  });

  it("ignores a line that belongs to an outdated lease", () => {
    const state = live({ type: "link_lost" }, { type: "answered", callId: "c1", lease: 3 }, ready(2));
    expect(state).toMatchObject({ phase: "reconnecting", lease: 3 });
  });
});

describe("words", () => {
  it("replaces interim words by the next of the same turn, and settles them", () => {
    const state = live(words(2, "caller", "what", false), words(2, "caller", "what time", false));
    expect(texts(state)).toEqual(["caller?: what time"]);
    expect(texts(reduce(state, words(2, "caller", "What time is it?")))).toEqual([
      "caller: What time is it?",
    ]);
  });

  it("never turns a settled line grey again", () => {
    const state = live(words(2, "caller", "Done."), words(2, "caller", "do", false));
    expect(texts(state)).toEqual(["caller: Done."]);
  });

  it("keeps the order of the turns when an interrupted answer's words come late", () => {
    const state = live(
      words(1, "agent", "Hello."),
      words(3, "caller", "wait", false),
      words(2, "agent", "We open"),
    );
    expect(texts(state)).toEqual(["agent: Hello.", "agent: We open", "caller?: wait"]);
  });

  it("drops grey words whose turn got another number", () => {
    const state = live(words(5, "caller", "wait", false), words(4, "caller", "Wait, please."));
    expect(texts(state)).toEqual(["caller: Wait, please."]);
  });

  it("drops grey words that came to nothing once the agent begins", () => {
    const state = live(
      words(2, "caller", "hm", false),
      floor("agent"),
      got({ type: "speaking", seq: 3, kind: "answer", at_ms: 0 }),
    );
    expect(texts(state)).toEqual([]);
    expect(state.speakingSeq).toBe(3);
  });

  it("removes a line whose final text is empty", () => {
    expect(texts(live(words(2, "caller", "uh", false), words(2, "caller", "")))).toEqual([]);
  });

  it("marks an answer that was talked over", () => {
    const state = live(words(2, "agent", "We are open from"), turn(2, "agent", true));
    expect(state.lines[0]).toMatchObject({ interrupted: true, final: true });
    expect(state.speakingSeq).toBeNull();
  });

  it("shows notices in their place", () => {
    const state = live(
      words(1, "agent", "Hello."),
      got({ type: "notice", code: "slow", text: "One moment." }),
    );
    expect(texts(state)).toEqual(["agent: Hello.", "notice: One moment."]);
  });

  it("shows typed words as being sent until Hatif echoes them, and keeps them until they are safe", () => {
    const sent = live(
      { type: "typed", id: "a", text: "order 4512" },
      { type: "typed", id: "b", text: "thanks" },
    );
    const shown = (state: CallState) => state.pending.filter(({ echoed }) => !echoed).map(({ text }) => text);
    expect(shown(sent)).toEqual(["order 4512", "thanks"]);
    const heard = reduce(sent, words(2, "caller", "thanks"));
    expect(shown(heard)).toEqual(["order 4512"]);
    const both = reduce(heard, words(4, "caller", "order four five"));
    expect(shown(both)).toEqual([]);
    expect(both.pending.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(reduce(both, turn(2, "caller", false, "b")).pending.map(({ id }) => id)).toEqual(["a"]);
  });
});

describe("who the caller is with", () => {
  const phase = (to: "converse" | "held" | "bridged", position: number | null = null): CallEvent =>
    got({
      type: "phase",
      phase: to,
      position,
      wait_s: position && position * 60,
      choose: false,
      callbacks: true,
      number: false,
      advisor: null,
    });

  it("is the agent, then a place in the queue, then a person, then the agent again", () => {
    const held = live(phase("held", 2));
    expect(held.with).toEqual({
      company: "held",
      position: 2,
      waitS: 120,
      choose: false,
      callbacks: true,
      number: false,
      advisor: null,
    });
    const bridged = reduce(held, phase("bridged"));
    expect(bridged.with.company).toBe("bridged");
    expect(reduce(bridged, phase("converse")).with.company).toBe("converse");
  });

  it("looks for no answer to what the caller says to a person", () => {
    expect(live(words(2, "caller", "Hello?")).thinking).toBe(true);
    expect(live(phase("bridged"), words(2, "caller", "Hello?")).thinking).toBe(false);
  });

  it("stays the same while the line is away", () => {
    expect(live(phase("held", 1), { type: "link_lost" }).with.position).toBe(1);
  });

  it("knows whether the call is being recorded", () => {
    const on = live(got({ type: "recording", on: true }));
    expect(on.recording).toBe(true);
    expect(reduce(on, got({ type: "recording", on: false })).recording).toBe(false);
  });
});

describe("the floor", () => {
  it("thinks between the caller's last word and the agent's first", () => {
    const asked = live(floor("caller"), floor("open"), words(2, "caller", "When do you open?"));
    expect(asked.thinking).toBe(true);
    expect(reduce(asked, floor("agent")).thinking).toBe(false);
    expect(reduce(asked, got({ type: "answered", seq: 2 })).thinking).toBe(false);
  });
});

describe("a lost line", () => {
  it("reconnects under the same call, with the timer and the words kept", () => {
    const lost = live(words(2, "caller", "Where is", false), { type: "link_lost" });
    expect(lost).toMatchObject({ phase: "reconnecting", floor: "open" });
    expect(texts(lost)).toEqual(["caller: Where is"]);
    const back = [
      { type: "answered", callId: "c1", lease: 2 } as const,
      got({ type: "ready", call_id: "c1", lease: 2 }, 9000),
    ];
    expect(back.reduce<CallState>(reduce, lost)).toMatchObject({
      phase: "live",
      lease: 2,
      startedAtMs: 1000,
    });
  });

  it("ends with a reason when nobody answers", () => {
    const state = live(
      { type: "link_lost" },
      { type: "failed", failure: { code: "gave_up", retryAfterS: null }, atMs: 31_000 },
    );
    expect(state).toMatchObject({
      phase: "failed",
      failure: { code: "gave_up" },
      callId: "c1",
      endedAtMs: 31_000,
    });
  });
});

describe("the end", () => {
  it("takes Hatif's outcome, and nothing after it", () => {
    const over = live(got({ type: "ended", outcome: "agent_said_goodbye" }, 61_000));
    expect(over).toMatchObject({
      phase: "ended",
      outcome: "agent_said_goodbye",
      startedAtMs: 1000,
      endedAtMs: 61_000,
    });
    const later = [
      words(9, "agent", "late"),
      ready(2),
      { type: "hung_up", atMs: 70_000 } as const,
      { type: "link_lost" } as const,
    ];
    expect(later.reduce<CallState>(reduce, over)).toEqual(over);
  });

  it("is the caller's own when they hang up", () => {
    expect(live({ type: "hung_up", atMs: 3000 })).toMatchObject({
      phase: "ended",
      outcome: "caller_hung_up",
    });
  });

  it("leaves nothing grey and nothing being sent", () => {
    const state = live(
      words(2, "caller", "so", false),
      { type: "typed", id: "x", text: "x" },
      { type: "over", outcome: null, atMs: 1 },
    );
    expect(state.pending).toEqual([]);
    expect(texts(state)).toEqual(["caller: so"]);
  });

  it("starts afresh with the next call", () => {
    const state = [{ type: "call_pressed", withoutMicrophone: false } as const].reduce<CallState>(
      reduce,
      live(words(1, "agent", "Hi."), { type: "hung_up", atMs: 2 }),
    );
    expect(state).toMatchObject({ phase: "microphone", lines: [], callId: null, outcome: null });
    expect(isOver(state)).toBe(false);
  });
});
