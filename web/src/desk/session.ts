/** The desk of this page's advisor: what was read of it last, what rings, one's own line, and everything one can do. */

import i18next from "i18next";
import { type AudioChoice, audioFrom, MicrophoneRefused, openMicrophone } from "../call/audio";
import type { MicrophoneProblem } from "../call/machine";
import { Problem } from "../http";
import { JoinedCall } from "../join/joined";
import type { LiveEvent } from "../live/messages";
import { live } from "../live/socket";
import { auth } from "../staff/auth";
import { readStored } from "../ui/useStored";
import {
  type Choice,
  type Desk,
  type Dialled,
  deskApi,
  type Handoff,
  type Taken,
  type Task,
  type TaskAct,
  type Tasks,
  type WrapUpForm,
} from "./api";
import { dropDraft } from "./drafts";
import { allowNotifications, blink, notify } from "./offer/alert";
import { Bell } from "./offer/bell";
import { isWritten, modeOf, skewOf } from "./view";

/** Changes are told; this is for one that was not. */
const LOOK_EVERY_MS = 10_000;

export type Doing =
  | "presence"
  | "accept"
  | "decline"
  | "giveBack"
  | "requeue"
  | "finish"
  | "wrapUp"
  | "callback"
  | "task";

export interface DeskState {
  desk: Desk | null;
  tasks: Tasks;
  /** What to add to this machine's clock to have the server's, in seconds. */
  skewS: number;
  /** The latest look's error; `desk` then is what was known before. */
  problem: Problem | null;
  /** What was asked for and isn't answered yet. */
  doing: Doing | null;
  /** What the switch was put to, until the server has said so too. */
  choosing: Choice | null;
  /** By which code the last thing was refused, until something else is done. */
  refused: string | null;
  call: JoinedCall | null;
  /** Found when the advisor became ready, long before a caller needs to hear them. */
  microphoneProblem: MicrophoneProblem | null;
  /** It rings, and the browser lets no sound play before a click. */
  silenced: boolean;
}

const NOTHING: DeskState = {
  desk: null,
  tasks: { approvals: [], unknown: [] },
  skewS: 0,
  problem: null,
  doing: null,
  choosing: null,
  refused: null,
  call: null,
  microphoneProblem: null,
  silenced: false,
};

class DeskSession {
  #state = NOTHING;
  readonly #watchers = new Set<() => void>();
  readonly #bell = new Bell();
  #stopListening: (() => void) | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #next = 0;
  #callOf: string | null = null;
  #ringOf: string | null = null;
  #ringEnds = 0;
  #quieten: (() => void)[] = [];

  constructor() {
    auth.subscribe(() => auth.standing().is === "out" && this.#stop());
    live.watch(() => live.standing() === "replaced" && this.#yield());
  }

  // ------------------------------------------------------------ what the pages read

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly snapshot = (): DeskState => this.#state;

  nowS = (): number => Date.now() / 1000 + this.#state.skewS;

  /** From now on this page is a desk, whichever of the staff's pages it shows. */
  start(): void {
    if (this.#stopListening) return;
    this.#stopListening = live.listen((event) => this.#hear(event));
    void live.beDesk().then(() => this.look());
  }

  /** The desk is open in another tab: speak for the advisor here instead. */
  takeOver(): void {
    void live.beDesk().then(() => this.look());
  }

  // ------------------------------------------------------------ what the advisor does

  /** Beside whatever else is being done: a call that rings meanwhile can be taken. */
  async choose(state: Choice): Promise<void> {
    const { tab } = live;
    if (tab === null || this.#state.choosing !== null) return;
    if (state === "ready") void this.prepare();
    this.#set({ choosing: state, refused: null });
    try {
      const presence = await deskApi.choose(state, tab);
      const { desk } = this.#state;
      if (desk) this.#set({ desk: { ...desk, presence } });
    } catch (error) {
      this.#set({ refused: codeOf(error) });
    }
    this.#set({ choosing: null });
    void this.look();
  }

  async accept(offer: Handoff): Promise<void> {
    this.#hush();
    await this.#do("accept", () => deskApi.accept(offer.handoff_id, offer.offer_number));
  }

  async decline(offer: Handoff): Promise<void> {
    this.#hush();
    await this.#do("decline", () => deskApi.decline(offer.handoff_id, offer.offer_number));
  }

  giveBack = (handoffId: string, note: string): Promise<boolean> =>
    this.#do("giveBack", () => deskApi.giveBack(handoffId, note));

  requeue = (handoffId: string, queue: string | null, note: string): Promise<boolean> =>
    this.#do("requeue", () => deskApi.requeue(handoffId, queue, note));

  finish = (handoffId: string): Promise<boolean> => this.#do("finish", () => deskApi.finish(handoffId));

  async wrapUp(taken: Taken, form: WrapUpForm): Promise<void> {
    if (await this.#do("wrapUp", () => deskApi.wrapUp(taken, form))) dropDraft(taken.handoff_id);
  }

  claim = (callbackId: string): Promise<boolean> => this.#do("callback", () => deskApi.claim(callbackId));

  /** Null when it was refused. */
  async dial(callbackId: string): Promise<Dialled | null> {
    let told: Dialled | null = null;
    await this.#do("callback", async () => {
      told = await deskApi.dial(callbackId);
    });
    return told;
  }

  settle = (callbackId: string, how: "done" | "failed" | "cancel"): Promise<boolean> =>
    this.#do("callback", () => deskApi.settle(callbackId, how));

  reschedule = (callbackId: string, atS: number): Promise<boolean> =>
    this.#do("callback", async () => void (await deskApi.reschedule(callbackId, atS)));

  seeTo = (task: Task, act: TaskAct): Promise<boolean> => this.#do("task", () => deskApi.seeTo(task, act));

  /** In a click: browsers let sound play only after one. */
  async letRing(): Promise<void> {
    await this.#bell.allow();
    this.#set({ silenced: false });
  }

  /** In a click, before anybody calls: the ring, notifications, and whether the microphone works. */
  async prepare(): Promise<void> {
    await this.letRing();
    await allowNotifications();
    try {
      for (const track of (await openMicrophone(rememberedAudio())).getTracks()) track.stop();
      this.#set({ microphoneProblem: null });
    } catch (error) {
      this.#set({ microphoneProblem: error instanceof MicrophoneRefused ? error.problem : "in_use" });
    }
  }

  /** What was refused has been read. */
  forgive(): void {
    this.#set({ refused: null });
  }

  // ------------------------------------------------------------ looking

  /** One look at a time; one that is asked for during another begins after it, and is what its asker waits for. */
  look(): Promise<void> {
    this.#lookAgain = true;
    this.#looking ??= this.#lookWhileAsked().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#lookAgain) {
      this.#lookAgain = false;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    window.clearTimeout(this.#next);
    try {
      const desk = await deskApi.desk();
      if (this.#stopListening === null) return;
      this.#set({ desk, skewS: skewOf(desk, Date.now()), problem: null });
      this.#follow(desk);
      // After what rings: nobody waits on the line for these.
      const tasks = await deskApi.tasks();
      if (this.#stopListening !== null) this.#set({ tasks });
    } catch (error) {
      this.#set({ problem: error instanceof Problem ? error : new Problem(0, "unknown") });
    }
    if (this.#stopListening) this.#next = window.setTimeout(() => void this.look(), LOOK_EVERY_MS);
  }

  #hear(event: LiveEvent): void {
    const mine = event.type !== "changed" || event.what === "desk" || event.what === "all";
    if (mine) void this.look();
  }

  // ------------------------------------------------------------ following the desk

  #follow(desk: Desk): void {
    if (live.standing() === "replaced") {
      this.#yield();
      return;
    }
    const mode = modeOf(desk, this.nowS());
    if (mode.is === "ringing") this.#ring(mode.offer);
    else this.#hush();
    if (mode.is === "talking" && !isWritten(mode.handoff)) this.#join(mode.handoff, desk.ice_servers ?? []);
    else this.#dropCall();
  }

  #join(handoff: Handoff, iceServers: RTCIceServer[]): void {
    const over = this.#state.call?.snapshot().over;
    if (this.#callOf === handoff.handoff_id && over !== "refused") return;
    this.#dropCall();
    const call = new JoinedCall({
      join: (offer, signal) => deskApi.join(handoff.handoff_id, offer, signal),
      earlier: (signal) => deskApi.turns(handoff.handoff_id, signal),
      iceServers,
    });
    this.#callOf = handoff.handoff_id;
    this.#set({ call });
    void call.open(rememberedAudio());
  }

  #dropCall(): void {
    this.#state.call?.drop();
    this.#callOf = null;
    if (this.#state.call) this.#set({ call: null });
  }

  /** Another tab is the desk now: it rings, and talks, there. */
  #yield(): void {
    this.#hush();
    this.#dropCall();
  }

  #stop(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    window.clearTimeout(this.#next);
    this.#yield();
    this.#set(NOTHING);
  }

  // ------------------------------------------------------------ ringing

  #ring(offer: Handoff): void {
    const ring = `${offer.handoff_id}/${offer.offer_number}`;
    if (this.#ringOf === ring) return;
    this.#hush();
    this.#ringOf = ring;
    const title = i18next.t("desk.ring.title");
    this.#bell.ring();
    this.#quieten = [() => this.#bell.stop(), blink(`☎ ${title}`)];
    if (!document.hasFocus()) {
      const text = i18next.t("desk.ring.notice");
      this.#quieten.push(notify(title, text, offer.handoff_id));
    }
    this.#set({ silenced: this.#bell.isSilenced });
    const leftMs = ((offer.offered_until ?? 0) - this.nowS()) * 1000;
    this.#ringEnds = window.setTimeout(() => {
      this.#hush();
      this.#set({});
      void this.look();
    }, leftMs);
  }

  #hush(): void {
    window.clearTimeout(this.#ringEnds);
    for (const stop of this.#quieten) stop();
    this.#quieten = [];
    this.#ringOf = null;
  }

  // ------------------------------------------------------------ acting

  /** One thing at a time; false when it was refused. */
  async #do(what: Doing, work: () => Promise<void>): Promise<boolean> {
    if (this.#state.doing !== null) return false;
    this.#set({ doing: what, refused: null });
    try {
      await work();
      await this.look();
      return true;
    } catch (error) {
      this.#set({ refused: codeOf(error) });
      void this.look();
      return false;
    } finally {
      this.#set({ doing: null });
    }
  }

  #set(change: Partial<DeskState>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}

export const deskSession = new DeskSession();

const codeOf = (error: unknown): string => (error instanceof Problem ? error.code : "unknown");

/** The same choice as on the softphone's page of this browser. */
const rememberedAudio = (): AudioChoice => audioFrom(readStored("hatif.audio"));
