/** What a thread says by now, and writing into it. */

import { useCallback, useEffect, useState } from "react";
import { type TranscriptLine, withWords } from "../../call/transcript";
import { Problem } from "../../http";
import { live } from "../../live/socket";
import type { Turn } from "../../staff/api";
import { deskApi } from "../api";

/** Changes are told; this is for one that was not. */
const LOOK_EVERY_MS = 3_000;
const ID_BYTES = 15;

export interface Thread {
  lines: readonly TranscriptLine[];
  sending: boolean;
  /** By which code the last message was refused. */
  refused: string | null;
  /** True once it is written. */
  write: (text: string) => Promise<boolean>;
}

export function useThread(handoffId: string): Thread {
  const [lines, setLines] = useState<readonly TranscriptLine[]>([]);
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [unsent, setUnsent] = useState<{ id: string; text: string } | null>(null);

  const look = useCallback(
    async (signal: AbortSignal) => {
      const turns = await deskApi.thread(handoffId, signal).catch(() => null);
      if (turns !== null && !signal.aborted) setLines(turns.reduce(withTurn, []));
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

  const write = async (text: string): Promise<boolean> => {
    // Words whose fate is not known are sent again under their own name, so that they arrive once.
    const message = unsent?.text === text ? unsent : { id: newId(), text };
    setUnsent(message);
    setSending(true);
    setRefused(null);
    try {
      await deskApi.write(handoffId, message.id, text);
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
  return { lines, sending, refused, write };
}

const withTurn = (lines: readonly TranscriptLine[], turn: Turn): readonly TranscriptLine[] =>
  withWords(lines, { ...turn, final: true });

/** Browsers have `randomUUID` only on pages that came over https. */
const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(ID_BYTES)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
