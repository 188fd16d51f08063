/** What an administrator reads and arranges, as the gateway has it. */

import type { Names } from "../call/api";
import { auth, type Role } from "../staff/auth";

export interface Person {
  id: string;
  email: string;
  name: string;
  role: Role;
  languages: string[];
  skills: string[];
  queues: string[];
  disabled: boolean;
  /** They have yet to sign in with the password that was made for them. */
  password_change_needed: boolean;
}

export type PersonChange = Partial<Omit<Person, "id" | "email" | "password_change_needed">>;
export type Invitation = Omit<Person, "id" | "disabled" | "password_change_needed">;

/** Told once; whoever signs in with it chooses another. */
export interface OneTime {
  password: string;
  expires_in_s: number;
}

export interface Queue {
  id: string;
  name: Names;
  /** Of the callers it takes; empty takes all. */
  languages: string[];
  /** What an advisor needs to be offered its callers. */
  skills: string[];
  offer_s: number;
  max_wait_s: number;
  wrap_up_s: number;
  position: number;
}

export interface Both {
  en: string;
  ar: string;
}

/** Of the sentences that are not the company's own. */
export type Politeness = "everyday" | "formal";

export interface Profile {
  slug: string;
  name: Names;
  persona: Names;
  greeting: Names;
  voices: Names;
  politeness: Politeness;
  default_language: string;
  handoff: boolean;
  callbacks: boolean;
  recording: boolean;
}

export interface ProfileChange {
  name?: Both;
  persona?: Both;
  greeting?: Both;
  voices?: { en: string | null; ar: string | null };
  politeness?: Politeness;
  handoff?: boolean;
  callbacks?: boolean;
  recording?: boolean;
}

export interface Stretch {
  opens: string;
  closes: string;
}

export interface WeekRow extends Stretch {
  days: string[];
}

/** Days with hours of their own, or none: "12-02" comes every year, "2026-12-02" once; `hijri` is of that calendar. */
export interface Holiday {
  name: Names;
  date?: string;
  hijri?: string;
  days: number;
  hours: Stretch[];
}

export interface HoursPlan {
  time_zone: string;
  calendar: { weekend: string[]; announced: { month: string; starts: string }[] };
  hours: WeekRow[];
  holidays: Holiday[];
  ramadan: { hours: WeekRow[] };
  calling: { earliest: string; latest: string };
}

export interface Hours {
  hours: HoursPlan;
  open_now: boolean;
  /** Today where the company is, in both calendars. */
  today: Names;
}

/** The phone that is rung where no advisor is to be had. */
export interface Transfer {
  /** With the keys that are pressed once it is answered: "200,,567#". */
  to: string;
  refer: boolean;
  /** Whether a trunk of the company may ring it, or why none may. */
  trunk: "rings" | "no_trunk" | "bad_number" | "country_not_allowed" | "costly_number";
}

const personPath = (id: string) => `/v1/team/users/${encodeURIComponent(id)}`;
const queuePath = (id: string) => `/v1/team/queues/${encodeURIComponent(id)}`;

export const teamApi = {
  people: async (signal?: AbortSignal): Promise<Person[]> =>
    (await auth.request<{ users: Person[] }>("GET", "/v1/team/users", { signal })).users,
  invite: (body: Invitation): Promise<OneTime & { user: Person }> =>
    auth.request("POST", "/v1/team/users", { body }),
  change: async (id: string, body: PersonChange): Promise<Person> =>
    (await auth.request<{ user: Person }>("PATCH", personPath(id), { body })).user,
  resetPassword: (id: string): Promise<OneTime> => auth.request("POST", `${personPath(id)}/reset-password`),

  queues: async (signal?: AbortSignal): Promise<Queue[]> =>
    (await auth.request<{ queues: Queue[] }>("GET", "/v1/team/queues", { signal })).queues,
  saveQueue: async ({ id, ...body }: Queue): Promise<Queue> =>
    (await auth.request<{ queue: Queue }>("PUT", queuePath(id), { body })).queue,
  removeQueue: (id: string): Promise<void> => auth.request("DELETE", queuePath(id)),

  profile: async (signal?: AbortSignal): Promise<Profile> =>
    (await auth.request<{ profile: Profile }>("GET", "/v1/team/profile", { signal })).profile,
  changeProfile: async (body: ProfileChange): Promise<Profile> =>
    (await auth.request<{ profile: Profile }>("PUT", "/v1/team/profile", { body })).profile,

  hours: (signal?: AbortSignal): Promise<Hours> => auth.request("GET", "/v1/team/hours", { signal }),
  transfer: async (signal?: AbortSignal): Promise<Transfer | null> =>
    (await auth.request<{ transfer: Transfer | null }>("GET", "/v1/team/transfer", { signal })).transfer,
  changeTransfer: async (body: Pick<Transfer, "to" | "refer">): Promise<Transfer | null> =>
    (await auth.request<{ transfer: Transfer | null }>("PUT", "/v1/team/transfer", { body })).transfer,
  removeTransfer: async (): Promise<Transfer | null> =>
    (await auth.request<{ transfer: Transfer | null }>("DELETE", "/v1/team/transfer")).transfer,

  changeHours: (body: HoursPlan): Promise<Hours> => auth.request("PUT", "/v1/team/hours", { body }),
};
