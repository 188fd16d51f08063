/** What a thread says by now, and writing into it. */

import { useCallback, useEffect, useMemo, useState } from "react";
import { type TranscriptLine, withWords } from "../../call/transcript";
import { Problem } from "../../http";
import { live } from "../../live/socket";
import type { Turn } from "../../staff/api";
import { deskApi, type Template, type ThreadTold, type Written } from "../api";

/** Changes are told; this is for one that was not. */
const LOOK_EVERY_MS = 3_000;
const ID_BYTES = 15;

export interface Thread {
  lines: readonly TranscriptLine[];
  /** Why one may not write freely at this moment; null where one may. */
  closed: string | null;
  /** Unix seconds until which one may; null where that has no end. */
  openUntil: number | null;
  templates: readonly Template[];
  sending: boolean;
  /** By which code the last message was refused. */
  refused: string | null;
  /** True once it is written. */
  write: (written: Written) => Promise<boolean>;
}

export function useThread(handoffId: string): Thread {
  const [told, setTold] = useState<ThreadTold | null>(null);
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [unsent, setUnsent] = useState<{ id: string; words: string } | null>(null);

  const look = useCallback(
    async (signal: AbortSignal) => {
      const thread = await deskApi.thread(handoffId, signal).catch(() => null);
      if (thread !== null && !signal.aborted) setTold(thread);
    },
    [handoffId],
  );

  useEffect(() => {
    const aborter = new AbortController();
    void look(aborter.signal);
    const stop = live.listen(() => void look(aborter.signal));
    const timer = window.setInterval(() => void look(aborter.signal), LOOK_EVERY_MS);
    return () => {
      aborter.abort();
      stop();
      window.clearInterval(timer);
    };
  }, [look]);

  const write = async (written: Written): Promise<boolean> => {
    // Words whose fate is not known are sent again under their own name, so that they arrive once.
    const words = JSON.stringify(written);
    const message = unsent?.words === words ? unsent : { id: newId(), words };
    setUnsent(message);
    setSending(true);
    setRefused(null);
    try {
      await deskApi.write(handoffId, message.id, written);
      setUnsent(null);
      await look(new AbortController().signal);
      return true;
    } catch (error) {
      setRefused(error instanceof Problem ? error.code : "unknown");
      return false;
    } finally {
      setSending(false);
    }
  };
  const free = told?.free_text ?? null;
  return {
    lines: useMemo(() => linesOf(told), [told]),
    closed: free === null || free.open ? null : (free.because ?? "outside_window"),
    openUntil: free?.open ? free.until : null,
    templates: told?.templates ?? NO_TEMPLATES,
    sending,
    refused,
    write,
  };
}

const NO_TEMPLATES: readonly Template[] = [];

function linesOf(told: ThreadTold | null): readonly TranscriptLine[] {
  const lines = (told?.turns ?? []).reduce(withTurn, []);
  return lines.map((line) => {
    const delivery =
      line.speaker === "caller" ? undefined : told?.deliveries.find(({ seq }) => seq === line.seq);
    return delivery === undefined ? line : { ...line, delivery };
  });
}

const withTurn = (lines: readonly TranscriptLine[], turn: Turn): readonly TranscriptLine[] =>
  withWords(lines, { ...turn, final: true });

/** Browsers have `randomUUID` only on pages that came over https. */
const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(ID_BYTES)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
