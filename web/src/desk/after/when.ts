/** Times between the server's Unix seconds and a date field, which speaks of this machine's own time zone. */

/** "2026-03-01T09:30", as a field of type datetime-local takes it. */
export function localInput(unixS: number): string {
  const at = new Date(unixS * 1000);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Null for a field that holds no time. */
export function unixOf(local: string): number | null {
  const ms = new Date(local).getTime();
  return Number.isFinite(ms) ? ms / 1000 : null;
}
