/** Something read from the gateway and kept fresh while the page is looked at. */

import { useCallback, useEffect, useState } from "react";
import { Problem } from "../http";

export interface Fresh<T> {
  value: T | null;
  /** The latest attempt's error; `value` then is what was known before. */
  problem: Problem | null;
  again: () => void;
}

/** `everyMs` null reads once. `read` must be stable, or it is read again at every render. */
export function useFresh<T>(read: (signal: AbortSignal) => Promise<T>, everyMs: number | null): Fresh<T> {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asked, setAsked] = useState(0);
  const again = useCallback(() => setAsked((times) => times + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each press of "try again" reads once more.
  useEffect(() => {
    const aborter = new AbortController();
    let timer = 0;
    const look = async () => {
      window.clearTimeout(timer);
      if (document.visibilityState === "visible") {
        try {
          const next = await read(aborter.signal);
          if (aborter.signal.aborted) return;
          setValue(next);
          setProblem(null);
        } catch (error) {
          if (aborter.signal.aborted) return;
          setProblem(error instanceof Problem ? error : new Problem(0, "unknown"));
        }
      }
      if (everyMs !== null) timer = window.setTimeout(() => void look(), everyMs);
    };
    const onShown = () => {
      if (document.visibilityState === "visible" && everyMs !== null) void look();
    };
    void look();
    document.addEventListener("visibilitychange", onShown);
    return () => {
      aborter.abort();
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", onShown);
    };
  }, [read, everyMs, asked]);

  return { value, problem, again };
}
