/** The gateway's own rules for names, so that a form says at once what it would refuse. */

const SHORT_NAME = /^[a-z][a-z0-9_-]{0,39}$/;

export const isShortName = (text: string): boolean => SHORT_NAME.test(text);

/** "Billing, returns" as the short names that were meant: ["billing", "returns"]; each once. */
export function skillsOf(text: string): string[] {
  const parts = text.split(/[,،\n]/).map((part) => part.trim().toLowerCase().replaceAll(/\s+/g, "-"));
  return [...new Set(parts.filter(Boolean))];
}

/** A short name that nobody has yet, from a name as people write it; "" where nothing of it can be used. */
export function shortNameFrom(name: string, taken: readonly string[]): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "")
    .slice(0, 36)
    .replace(/-+$/, "");
  if (plain === "") return "";
  let found = plain;
  for (let next = 2; taken.includes(found); next++) found = `${plain}-${next}`;
  return found;
}
