import { describe, expect, it } from "vitest";
import type { FromHatif, Speaker } from "../call/protocol";
import { type JoinedEvent, type JoinedState, OPENING, reduce } from "./machine";

const got = (message: FromHatif): JoinedEvent => ({ type: "received", message });
const words = (seq: number, speaker: Speaker, text: string, final = true): JoinedEvent =>
  got({ type: "transcript", seq, speaker, text, language: "ar", final });
const turn = (seq: number, speaker: Speaker, text: string, interrupted = false) => ({
  seq,
  speaker,
  text,
  language: "ar",
  interrupted,
  by_supervisor: false,
  by: null,
});
const play = (...events: JoinedEvent[]): JoinedState => events.reduce(reduce, OPENING);
const texts = (state: JoinedState): string[] =>
  state.lines.map((line) => `${line.speaker}${line.final ? "" : "?"}: ${line.text}`);

describe("a joined line", () => {
  it("opens, is cut, and comes back", () => {
    const cut = play({ type: "opened" }, words(4, "caller", "so", false), { type: "link_lost" });
    expect(cut.link).toBe("again");
    expect(texts(cut)).toEqual(["caller: so"]);
    expect(reduce(cut, { type: "opened" }).link).toBe("live");
  });

  it("is over once, and for the first reason", () => {
    const ended = play({ type: "opened" }, got({ type: "ended", outcome: "caller_hung_up" }));
    expect(ended).toMatchObject({ link: "over", over: "ended" });
    expect(reduce(ended, { type: "over", why: "refused" }).over).toBe("ended");
    expect(reduce(ended, { type: "opened" }).link).toBe("over");
    expect(reduce(ended, { type: "link_lost" }).link).toBe("over");
  });

  it.each([
    ["left", "left"],
    ["replaced", "replaced"],
  ])("tells %s apart", (reason, why) => {
    expect(play(got({ type: "parted", reason })).over).toBe(why);
  });

  it("goes on without a microphone, and says so until there is one", () => {
    const deaf = play({ type: "microphone_failed", problem: "denied" }, { type: "opened" });
    expect(deaf).toMatchObject({ link: "live", microphoneProblem: "denied" });
    expect(reduce(deaf, { type: "microphone_ready" }).microphoneProblem).toBeNull();
  });
});

describe("the words", () => {
  it("are those from before, and go on in their order", () => {
    const state = play(
      words(5, "advisor", "مرحبا"),
      { type: "earlier", turns: [turn(1, "agent", "أهلًا", true), turn(2, "caller", "أبغى أكلم موظف")] },
      words(6, "caller", "وين", false),
      words(6, "caller", "وين الطلب؟"),
    );
    expect(texts(state)).toEqual([
      "agent: أهلًا",
      "caller: أبغى أكلم موظف",
      "advisor: مرحبا",
      "caller: وين الطلب؟",
    ]);
    expect(state.lines[0]?.interrupted).toBe(true);
  });

  it("lose the agent's unfinished sentence when a person takes over", () => {
    const state = play(
      words(3, "agent", "one mo", false),
      got({
        type: "phase",
        phase: "bridged",
        position: null,
        wait_s: null,
        choose: false,
        callbacks: true,
        number: false,
        advisor: null,
      }),
    );
    expect(texts(state)).toEqual([]);
    expect(state.company).toBe("bridged");
  });
});

describe("who is there", () => {
  it("is what the line told last, and nobody when it is over", () => {
    const here = play(got({ type: "parties", parties: [{ role: "advisor", mode: "talk", name: "Aisha" }] }));
    expect(here.parties).toHaveLength(1);
    expect(reduce(here, { type: "over", why: "left" }).parties).toEqual([]);
  });
});
