import { describe, expect, it } from "vitest";
import { daysFrom, faultsOf, isEmpty, rowsOf, timeFrom, weekOf } from "./week";

const ROWS = [
  { days: ["monday", "tuesday"], opens: "09:00", closes: "13:00" },
  { days: ["monday"], opens: "16:00", closes: "01:00" },
];

describe("a week", () => {
  it("comes back as it was", () => {
    const week = weekOf(ROWS);
    expect(week.monday).toEqual([
      { opens: "09:00", closes: "13:00" },
      { opens: "16:00", closes: "01:00" },
    ]);
    expect(rowsOf(week)).toEqual(ROWS);
    expect(isEmpty(weekOf([]))).toBe(true);
    expect(isEmpty(week)).toBe(false);
  });

  it.each([
    [["saturday", "sunday"], "monday"],
    [["friday", "saturday"], "sunday"],
    [["friday"], "saturday"],
    [[], "monday"],
  ])("begins after the weekend %j on %s", (weekend, first) => {
    const days = daysFrom(weekend);
    expect(days[0]).toBe(first);
    expect(new Set(days).size).toBe(7);
  });
});

describe("a time", () => {
  it.each([
    ["9", "09:00"],
    ["930", "09:30"],
    ["9.05", "09:05"],
    ["٢١:٣٠", "21:30"],
    ["24:00", "24:00"],
    ["25", "25"],
    ["noon", "noon"],
  ])("is read from %j as %s", (typed, time) => {
    expect(timeFrom(typed)).toBe(time);
  });
});

describe("a day's faults", () => {
  const at = (...stretches: [string, string][]) => [
    ...faultsOf(stretches.map(([opens, closes]) => ({ opens, closes }))),
  ];

  it.each<[[string, string][], [number, string][]]>([
    [[], []],
    [
      [
        ["09:00", "13:00"],
        ["13:00", "02:00"],
      ],
      [],
    ],
    [[["x", "13:00"]], [[0, "opens"]]],
    [[["24:00", "01:00"]], [[0, "opens"]]],
    [[["09:00", ""]], [[0, "closes"]]],
    [[["09:00", "09:00"]], [[0, "same"]]],
    [
      [
        ["09:00", "13:00"],
        ["12:00", "14:00"],
      ],
      [[1, "overlaps"]],
    ],
    [
      [
        ["20:00", "02:00"],
        ["23:00", "23:30"],
      ],
      [[1, "overlaps"]],
    ],
  ])("of %j are %j", (stretches, faults) => {
    expect(at(...stretches)).toEqual(faults);
  });
});
