/** The name under which this tab speaks for its advisor: a reload keeps it, a copy of the tab gets one of its own. */

const STORED_UNDER = "hatif.tab";
const NAME_BYTES = 15;
/** A page that is being reloaded lets its name go within milliseconds; a copied tab never does. */
const LET_GO_WITHIN_MS = 1000;

/** Whether a desk was open here before the reload. */
export function wasDesk(): boolean {
  return stored() !== null;
}

export function forgetTab(): void {
  try {
    sessionStorage.removeItem(STORED_UNDER);
  } catch {
    // Nothing was stored either.
  }
}

export async function claimTab(): Promise<string> {
  const known = stored();
  if (known !== null && (await hold(known))) return known;
  const name = [...crypto.getRandomValues(new Uint8Array(NAME_BYTES))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  try {
    sessionStorage.setItem(STORED_UNDER, name);
  } catch {
    // A reload then counts as a new tab.
  }
  await hold(name);
  return name;
}

function stored(): string | null {
  try {
    return sessionStorage.getItem(STORED_UNDER);
  } catch {
    return null;
  }
}

/** A browser copies a tab's storage with the tab; only one of them gets the lock. */
function hold(name: string): Promise<boolean> {
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const options = { signal: AbortSignal.timeout(LET_GO_WITHIN_MS) };
    const held = () => {
      resolve(true);
      return new Promise<never>(() => {});
    };
    navigator.locks.request(`hatif-tab-${name}`, options, held).catch(() => resolve(false));
  });
}
