/** What is told of a person, whether they are invited or changed. */

import { useTranslation } from "react-i18next";
import { Choices, TextField } from "../../form/Fields";
import { isShortName, skillsOf } from "../../form/rules";
import type { Role } from "../../staff/auth";
import { nameOf } from "../../ui/format";
import type { Person, Queue } from "../api";

export interface PersonDraft {
  name: string;
  role: Role;
  languages: string[];
  /** As it is typed; `skillsOf` reads it. */
  skills: string;
  queues: string[];
}

export const NOBODY: PersonDraft = {
  name: "",
  role: "advisor",
  languages: ["en", "ar"],
  skills: "",
  queues: [],
};
const ROLES: readonly Role[] = ["viewer", "advisor", "supervisor", "admin"];
const LANGUAGES = ["en", "ar"] as const;

export const draftOf = (person: Person): PersonDraft => ({
  name: person.name,
  role: person.role,
  languages: person.languages,
  skills: person.skills.join(", "),
  queues: person.queues,
});

export const fieldsOf = (draft: PersonDraft) => ({
  name: draft.name.trim(),
  role: draft.role,
  languages: draft.languages,
  skills: skillsOf(draft.skills),
  queues: draft.queues,
});

export type PersonFault = "name" | "skills";

export function faultOf(draft: PersonDraft): PersonFault | null {
  if (draft.name.trim() === "") return "name";
  return skillsOf(draft.skills).every(isShortName) ? null : "skills";
}

interface PersonFieldsProps {
  draft: PersonDraft;
  change: (draft: PersonDraft) => void;
  queues: readonly Queue[];
  fault: PersonFault | null;
  /** The only administrator stays one. */
  bound?: boolean;
}

export function PersonFields({ draft, change, queues, fault, bound = false }: PersonFieldsProps) {
  const { t, i18n } = useTranslation();
  const set = (part: Partial<PersonDraft>) => change({ ...draft, ...part });
  const takesCalls = draft.role !== "viewer";
  return (
    <>
      <TextField
        label={t("team.people.name")}
        dir="auto"
        required
        maxLength={100}
        value={draft.name}
        change={(name) => set({ name })}
        error={fault === "name" ? t("team.people.fault.name") : null}
      />
      <fieldset className="roles">
        <legend>{t("team.people.role")}</legend>
        {ROLES.map((role) => (
          <label key={role} className="role">
            <input
              type="radio"
              name="role"
              value={role}
              checked={draft.role === role}
              disabled={bound && role !== "admin"}
              onChange={() => set({ role })}
            />
            <span>
              <strong>{t(`role.${role}`)}</strong>
              <small>{t(`team.people.may.${role}`)}</small>
            </span>
          </label>
        ))}
        {bound && <p className="hint">{t("team.people.lastAdmin")}</p>}
      </fieldset>
      {takesCalls && (
        <>
          <Choices
            label={t("team.people.languages")}
            options={LANGUAGES.map((value) => ({ value, name: t(`language.${value}`) }))}
            chosen={draft.languages}
            change={(languages) => set({ languages })}
            hint={t("team.people.languagesHint")}
          />
          {queues.length > 0 && (
            <Choices
              label={t("team.people.queues")}
              options={queues.map(({ id, name }) => ({ value: id, name: nameOf(name, i18n.language, id) }))}
              chosen={draft.queues}
              change={(chosen) => set({ queues: chosen })}
              hint={t("team.people.queuesHint")}
            />
          )}
          <TextField
            label={t("team.people.skills")}
            dir="ltr"
            placeholder="billing, returns"
            value={draft.skills}
            change={(skills) => set({ skills })}
            hint={t("team.people.skillsHint")}
            error={fault === "skills" ? t("team.people.fault.skills") : null}
          />
        </>
      )}
    </>
  );
}
