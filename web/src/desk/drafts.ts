/** What an advisor is writing about a call: kept in this tab until the form is handed in, whatever is reloaded. */

import { useState } from "react";

/** In the tab's own storage: notes about a caller don't stay behind on the machine. */
const keyOf = (handoffId: string) => `hatif.note.${handoffId}`;

export function useDraft(handoffId: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => read(handoffId));
  const write = (next: string) => {
    setText(next);
    try {
      sessionStorage.setItem(keyOf(handoffId), next);
    } catch {
      // The draft then lasts as long as the page.
    }
  };
  return [text, write];
}

export function dropDraft(handoffId: string): void {
  try {
    sessionStorage.removeItem(keyOf(handoffId));
  } catch {
    // Nothing was stored either.
  }
}

function read(handoffId: string): string {
  try {
    return sessionStorage.getItem(keyOf(handoffId)) ?? "";
  } catch {
    return "";
  }
}
