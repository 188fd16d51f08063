import { expect, it } from "vitest";
import { filledIn } from "./filled";

it("a template is read with its values, and shows where one is missing", () => {
  const template = { name: "ready", language: "en", body: "Hello {{1}}, {{2}} is ready.", values: [] };
  expect(filledIn(template, ["Mona", "4572"])).toBe("Hello Mona, 4572 is ready.");
  expect(filledIn(template, ["Mona", ""])).toBe("Hello Mona, {{2}} is ready.");
  expect(filledIn(template, ["{{2}}", "$&"])).toBe("Hello {{2}}, $& is ready.");
});
