/** The keys of a call: M, K, Esc, and digits while the keypad is open. Never while the caller types. */

import { useEffect, useRef } from "react";
import { DTMF_DIGITS } from "../call/protocol";

export interface Shortcuts {
  mute: () => void;
  keypad: () => void;
  escape: () => void;
  digit: ((digit: string) => void) | null;
}

/** `KeyM` by position as well: on an Arabic keyboard the same key writes another letter. */
export function shortcutOf(event: {
  key: string;
  code: string;
}): "mute" | "keypad" | "escape" | "digit" | null {
  if (event.key === "Escape") return "escape";
  if (event.key.length === 1 && DTMF_DIGITS.includes(event.key)) return "digit";
  if (event.key.toLowerCase() === "m" || event.code === "KeyM") return "mute";
  if (event.key.toLowerCase() === "k" || event.code === "KeyK") return "keypad";
  return null;
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
      if (target?.closest("input, textarea, select, dialog")) return;
      const wanted = shortcutOf(event);
      // The same press of Esc would close the dialog that it opens.
      if (wanted === "escape") event.preventDefault();
      if (wanted === "digit") latest.current.digit?.(event.key);
      else if (wanted) latest.current[wanted]();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
