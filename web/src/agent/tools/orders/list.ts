/** A list of orders as a spreadsheet writes it: comma- or semicolon-separated, with a line of column names. */

import type { OrderRow } from "./api";

export const COLUMNS = ["number", "phone", "status_en", "status_ar"] as const;
export const MOST_ROWS = 5_000;
const NUMBER = /^[0-9]{3,8}$/;
const PHONE = /^\+?[0-9][0-9 ()-]{5,22}[0-9]$/;
const LONGEST = 300;

/** Line numbers are of the file, from 1. */
export type ListFault = { code: "columns" | "empty" | "too_many" } | { code: "row" | "twice"; line: number };

export type ListRead = { rows: OrderRow[] } | { fault: ListFault };

interface Line {
  cells: string[];
  line: number;
}

/** Cells may be in quotes, with doubled quotes and line breaks inside. */
function linesOf(text: string, separator: string): Line[] {
  const found: Line[] = [];
  let cells = [""];
  let quoted = false;
  let at = 1;
  let begun = 1;
  const end = () => {
    if (cells.some((cell) => cell.trim()))
      found.push({ cells: cells.map((cell) => cell.trim()), line: begun });
    cells = [""];
    begun = at + 1;
  };
  const put = (letter: string) => {
    cells[cells.length - 1] += letter;
  };
  for (let place = 0; place < text.length; place++) {
    const letter = text.charAt(place);
    if (quoted) {
      if (letter !== '"') put(letter);
      else if (text.charAt(place + 1) === '"') {
        put('"');
        place++;
      } else quoted = false;
    } else if (letter === '"' && !cells.at(-1)?.trim()) quoted = true;
    else if (letter === separator) cells.push("");
    else if (letter === "\n") end();
    else if (letter !== "\r") put(letter);
    if (letter === "\n") at++;
  }
  end();
  return found;
}

export function readList(text: string): ListRead {
  const whole = text.replace(/^\uFEFF/, "");
  const first = whole.split("\n", 1)[0] ?? "";
  const [head, ...lines] = linesOf(whole, first.includes(";") ? ";" : ",");
  const places = COLUMNS.map((name) => (head?.cells ?? []).findIndex((cell) => cell.toLowerCase() === name));
  if (places.some((place) => place < 0)) return { fault: { code: "columns" } };
  if (lines.length === 0) return { fault: { code: "empty" } };
  if (lines.length > MOST_ROWS) return { fault: { code: "too_many" } };
  const rows: OrderRow[] = [];
  const seen = new Set<string>();
  for (const { cells, line } of lines) {
    const [number = "", phone = "", en = "", ar = ""] = places.map((place) => cells[place] ?? "");
    const told = [en, ar].every((words) => words && words.length <= LONGEST);
    if (!NUMBER.test(number) || (phone && !PHONE.test(phone)) || !told)
      return { fault: { code: "row", line } };
    if (seen.has(number)) return { fault: { code: "twice", line } };
    seen.add(number);
    rows.push({ number, phone: phone || null, status: { en, ar } });
  }
  return { rows };
}
