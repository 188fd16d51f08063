import { expect, test } from "vitest";
import { dialled, draftOf, faultOf } from "./draft";

const fault = (to: string, refer = false) => faultOf({ on: true, to, refer });

test("numbers as people write them are sent plain", () => {
  expect(dialled("+971 4 555-0100")).toBe("+97145550100");
  expect(dialled("٢٠٠،،٥٦٧")).toBe("200,,567");
  expect(dialled("night-desk")).toBe("night-desk");
});

test("a number or an extension, with keys or without", () => {
  for (const to of ["200", "+971 4 555 0100", "night-desk", "200,,567#", "200,1,,*23"])
    expect(fault(to)).toBeNull();
  expect(fault("200", true)).toBeNull();
});

test("what is wrong is told at its place", () => {
  for (const to of ["", "+0501234567", "200@host", ",5"]) expect(fault(to)).toBe("phone");
  for (const to of ["200,", "200,5x", `200,${"1".repeat(32)}`, `200${",".repeat(11)}1`])
    expect(fault(to)).toBe("keys");
  expect(fault("200,5", true)).toBe("refer");
});

test("nothing is wrong where no phone is rung", () => {
  expect(draftOf(null)).toEqual({ on: false, to: "", refer: false });
  expect(faultOf(draftOf(null))).toBeNull();
});
