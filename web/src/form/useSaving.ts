/** Sending a form: one time at once, and what was refused stays on the page with everything that was typed. */

import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { Problem } from "../http";

export interface Saving {
  busy: boolean;
  problem: Problem | null;
  /** Sent, and not touched since. */
  saved: boolean;
  /** Runs `work` and says whether it was done. */
  save: (work: () => Promise<void>) => Promise<boolean>;
  /** Something was typed: what was said of the last attempt is about another form. */
  touched: () => void;
}

export function useSaving(): Saving {
  const [state, setState] = useState<{ busy: boolean; problem: Problem | null; saved: boolean }>({
    busy: false,
    problem: null,
    saved: false,
  });
  const running = useRef(false);
  return {
    ...state,
    touched: () => setState((now) => (now.saved ? { ...now, saved: false } : now)),
    async save(work) {
      if (running.current) return false;
      running.current = true;
      setState({ busy: true, problem: null, saved: false });
      try {
        await work();
        setState({ busy: false, problem: null, saved: true });
        return true;
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem(0, "unknown");
        setState({ busy: false, problem, saved: false });
        return false;
      } finally {
        running.current = false;
      }
    },
  };
}

/** What every form of the staff's pages does with its keys: Ctrl+Enter sends it, also from a box of several lines. */
export function formKeys(submit: () => void): {
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  onKeyDown: (event: KeyboardEvent<HTMLFormElement>) => void;
} {
  return {
    onSubmit: (event) => {
      event.preventDefault();
      submit();
    },
    onKeyDown: (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.currentTarget.requestSubmit();
    },
  };
}
