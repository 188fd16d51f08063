import { describe, expect, it } from "vitest";
import type { Connection } from "./api";
import { changeOf, draftOf, KINDS, kindOf } from "./kinds";

const HELD: Connection = {
  id: "zendesk",
  kind: "zendesk",
  address: "https://shop.zendesk.com",
  sign_in: "key",
  enabled: true,
  in_use: true,
  settings: { user: "a@b.example" },
  secrets: ["key"],
  signed_in: true,
  log_calls: "no",
  start_workflows: false,
};

describe("a connection's form", () => {
  const of = kindOf("zendesk");

  it("starts from what is held, and secrets start empty", () => {
    expect(draftOf(of, HELD)).toEqual({
      signIn: "key",
      site: "shop",
      settings: { user: "a@b.example" },
      secrets: {},
    });
  });

  it("sends neither an address nor a secret that nobody touched", () => {
    expect(changeOf(of, draftOf(of, HELD), HELD)).toEqual({ settings: { user: "a@b.example" }, secrets: {} });
  });

  it("sends only what the chosen way of signing in has", () => {
    const draft = { ...draftOf(of, HELD), signIn: "oauth" as const, site: "other", secrets: { key: "x" } };
    draft.settings = { ...draft.settings, client_id: " hatif " };
    expect(changeOf(of, draft, HELD)).toEqual({
      sign_in: "oauth",
      site: "other",
      settings: { client_id: "hatif" },
      secrets: {},
    });
  });

  it("says how to sign in when it is new", () => {
    const draft = { ...draftOf(of, null), site: "shop", secrets: { client_secret: "s" } };
    expect(changeOf(of, draft, null)).toMatchObject({ sign_in: "oauth", site: "shop" });
  });

  it("has a secret for each way of signing in", () => {
    for (const one of KINDS)
      for (const way of one.signIns) expect(one.secrets[way].length).toBeGreaterThan(0);
  });
});
