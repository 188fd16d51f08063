import { describe, expect, it } from "vitest";
import { MOST_ROWS, readList } from "./list";

const HEAD = "number,phone,status_en,status_ar\n";
const ROW = "4572,+971501234567,On its way.,في الطريق.";

describe("a list of orders", () => {
  it("is read as a spreadsheet writes it", () => {
    const one = { number: "4572", phone: "+971501234567", status: { en: "On its way.", ar: "في الطريق." } };
    expect(readList(HEAD + ROW)).toEqual({ rows: [one] });
    expect(readList(`\uFEFF${HEAD}${ROW}\r\n\r\n`.replaceAll(",", ";"))).toEqual({ rows: [one] });
    expect(
      readList('Status_AR,status_en,number,phone\n"نعم، غدًا","He said ""soon"",\ntoday",4573,\n'),
    ).toEqual({
      rows: [{ number: "4573", phone: null, status: { en: 'He said "soon",\ntoday', ar: "نعم، غدًا" } }],
    });
  });

  it.each([
    ["", { code: "columns" }],
    ["number,phone\n4572,", { code: "columns" }],
    [HEAD, { code: "empty" }],
    [`${HEAD}${ROW}\n45,,a,b`, { code: "row", line: 3 }],
    [`${HEAD}4572,call me,a,b`, { code: "row", line: 2 }],
    [`${HEAD}4572,,a,`, { code: "row", line: 2 }],
    [`${HEAD}4572,,${"a".repeat(301)},b`, { code: "row", line: 2 }],
    [`${HEAD}${ROW}\n\n${ROW}`, { code: "twice", line: 4 }],
    [HEAD + "4572,,a,b\n".repeat(MOST_ROWS + 1), { code: "too_many" }],
  ])("says what is wrong with it, and where", (text, fault) => {
    expect(readList(text)).toEqual({ fault });
  });
});
