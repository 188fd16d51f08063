/** State that this browser remembers between visits. */

import { useState } from "react";

/** `accept` turns what was stored, by whichever version of the page, into a value or the fallback. */
export function useStored<T>(key: string, accept: (stored: unknown) => T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => accept(readStored(key)));
  const store = (next: T) => {
    setValue(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Storage may be full or forbidden; the choice then lasts as long as the page.
    }
  };
  return [value, store];
}

export function readStored(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
