/** An approved WhatsApp template: chosen, filled in, read as the person will, and sent. */

import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { TextField } from "../../form/Fields";
import { nameOf } from "../../ui/format";
import type { Template } from "../api";
import { filledIn, keyOf } from "./filled";
import type { Thread } from "./useThread";

const LONGEST = 200;

/** Whether a refusal is about a template, which is told beside it. */
export const isTemplates = (refused: string): boolean => refused.startsWith("template_");

export function Templates({ thread, sent }: { thread: Thread; sent: () => void }) {
  const { t, i18n } = useTranslation();
  const [key, setKey] = useState("");
  const [values, setValues] = useState<string[]>([]);
  const own = thread.templates.find((one) => one.language.startsWith(i18n.language));
  const chosen = thread.templates.find((one) => keyOf(one) === key) ?? own ?? thread.templates[0];
  if (chosen === undefined) return null;

  const given = chosen.values.map((_, place) => (values[place] ?? "").trim());
  const ready = !thread.sending && given.every((value) => value !== "");
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const template = { name: chosen.name, language: chosen.language, values: given };
    if (ready && (await thread.write({ template }))) {
      setValues([]);
      sent();
    }
  };
  const choose = (to: string) => {
    setKey(to);
    setValues([]);
  };
  return (
    <form className="template" onSubmit={(event) => void send(event)}>
      <label className="field">
        {t("thread.template.pick")}
        <select value={keyOf(chosen)} onChange={(event) => choose(event.target.value)}>
          {thread.templates.map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {labelOf(one)}
            </option>
          ))}
        </select>
      </label>
      {chosen.values.map((names, place) => (
        <TextField
          // biome-ignore lint/suspicious/noArrayIndexKey: a value is known by its place in the template.
          key={place}
          label={nameOf(names, i18n.language, `${place + 1}`)}
          value={values[place] ?? ""}
          maxLength={LONGEST}
          dir="auto"
          required
          change={(value) => setValues(given.with(place, value))}
        />
      ))}
      <p className="template-words" dir="auto" lang={chosen.language.slice(0, 2)}>
        {filledIn(chosen, given)}
      </p>
      {thread.refused !== null && isTemplates(thread.refused) && (
        <p className="field-error" role="alert">
          {t(thread.refused === "template_misfit" ? "thread.template.misfit" : "thread.template.unknown")}
        </p>
      )}
      <button type="submit" className="button button-primary" disabled={!ready}>
        {t("thread.template.send")}
      </button>
    </form>
  );
}

const labelOf = (template: Template): string =>
  `${template.name.replaceAll("_", " ")} (${template.language})`;
