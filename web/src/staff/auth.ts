/** Who is signed in. The access token lives in this module's memory only; the refresh token is a cookie that scripts can't read. */

import { Problem, type RequestOptions, request } from "../http";

export type Role = "admin" | "supervisor" | "advisor" | "viewer";

const LADDER: readonly Role[] = ["viewer", "advisor", "supervisor", "admin"];

/** Whether `role` may do what `least` may. */
export const covers = (role: Role, least: Role): boolean => LADDER.indexOf(role) >= LADDER.indexOf(least);

export interface StaffUser {
  id: string;
  name: string;
  role: Role;
  tenant: string;
}

interface Signed {
  access_token: string;
  expires_in_s: number;
  user: StaffUser;
  /** The password was made by an administrator, and has yet to be replaced. */
  password_change_needed?: boolean;
}

/** "asking" until the cookie has been tried once. */
export type Standing =
  | { is: "asking" }
  | { is: "out"; why: "first" | "expired" | "password" }
  | { is: "away" }
  | { is: "in"; user: StaffUser; oneTime: boolean };

let standing: Standing = { is: "asking" };
let accessToken: string | null = null;
let expiresAtMs = 0;
let refreshing: Promise<boolean> | null = null;
const watchers = new Set<() => void>();

export const auth = {
  subscribe(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },

  standing: (): Standing => standing,

  /** For the live socket, whose first message it is; no page keeps it anywhere. */
  token: (): { value: string; expiresAtMs: number } | null =>
    accessToken === null ? null : { value: accessToken, expiresAtMs },

  /** A fresh access token in place of one that is about to expire; false when there was none to be had. */
  renew: (): Promise<boolean> => refresh(true),

  /** Take up the session of an earlier visit, if its cookie still stands. */
  async resume(): Promise<void> {
    if (accessToken === null) await refresh(false);
  },

  async login(tenant: string, email: string, password: string): Promise<void> {
    take(await request<Signed>("POST", "/v1/auth/login", { body: { tenant, email, password } }));
  },

  async logout(): Promise<void> {
    await request<void>("POST", "/v1/auth/logout").catch(() => {});
    accessToken = null;
    stand({ is: "out", why: "first" });
  },

  /** The gateway signs every session out with the old password, this one too. */
  async changePassword(current: string, next: string): Promise<void> {
    await auth.request<void>("POST", "/v1/auth/password", { body: { current, new: next } });
    accessToken = null;
    stand({ is: "out", why: "password" });
  },

  /** A request in the user's name; an expired access token is renewed once, and signs out when that fails. */
  async request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    try {
      return await request<T>(method, path, { ...options, token: accessToken });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401 || !(await refresh(true))) throw error;
      return request<T>(method, path, { ...options, token: accessToken });
    }
  },
};

function take(signed: Signed): void {
  accessToken = signed.access_token;
  expiresAtMs = Date.now() + signed.expires_in_s * 1000;
  stand({ is: "in", user: signed.user, oneTime: signed.password_change_needed === true });
}

function stand(next: Standing): void {
  standing = next;
  for (const watcher of watchers) watcher();
}

function refresh(wasIn: boolean): Promise<boolean> {
  refreshing ??= exclusively(() => renew(wasIn)).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function renew(wasIn: boolean): Promise<boolean> {
  try {
    take(await request<Signed>("POST", "/v1/auth/refresh"));
    return true;
  } catch (error) {
    const refused = error instanceof Problem && error.status >= 400 && error.status < 500;
    if (refused) {
      accessToken = null;
      stand({ is: "out", why: wasIn ? "expired" : "first" });
    } else if (!wasIn) stand({ is: "away" });
    return false;
  }
}

/** One tab at a time: a refresh token that is used twice counts as stolen, and signs everybody out. */
async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? navigator.locks.request("hatif-refresh", work) : work();
}
