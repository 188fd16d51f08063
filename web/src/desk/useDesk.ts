/** The page's one desk, as React sees it. */

import { useEffect, useRef, useSyncExternalStore } from "react";
import { type LiveStanding, live } from "../live/socket";
import { useNow } from "../ui/useNow";
import { type DeskState, deskSession } from "./session";

export function useDesk(): DeskState {
  return useSyncExternalStore(deskSession.subscribe, deskSession.snapshot);
}

export function useLiveStanding(): LiveStanding {
  return useSyncExternalStore(live.watch, live.standing);
}

/** The server's clock, in Unix seconds. */
export function useServerNow(everyMs: number): number {
  const { skewS } = useDesk();
  return useNow(everyMs) / 1000 + skewS;
}

/** Where keys write or choose something of their own; a radio button that was clicked earlier is no such place. */
export const WRITING = "input:not([type=radio], [type=checkbox]), textarea, select, dialog";

/** Keys of the page, by what they do; never while somebody writes, chooses, or answers a dialog. */
export function useKeys(keys: Record<string, (() => void) | undefined>): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
      if (target?.closest(WRITING)) return;
      // Enter on a button or link is that button's.
      if (event.key === "Enter" && target?.closest("button, a, summary")) return;
      // By position as well: on an Arabic keyboard the same key writes another letter.
      const act =
        latest.current[event.key.toLowerCase()] ??
        latest.current[event.code.replace("Key", "").toLowerCase()];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
