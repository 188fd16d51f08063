/** What the forms and cards of tools, of offered tools and of servers have alike. */

import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { BothFields, SaveBar, TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { type Saving, useSaving } from "../../form/useSaving";
import type { Problem } from "../../http";
import { askOf, lacks, type ToolDraft } from "./draft";

/** A form that says what is wrong with it from the first try to send it on. */
export function useTrying(faults: Record<string, boolean>, send: () => Promise<unknown>, saved: () => void) {
  const [tried, setTried] = useState(false);
  const saving = useSaving();
  return {
    saving,
    said: (fault: boolean, sentence: string) => (tried && fault ? sentence : null),
    submit: () => {
      setTried(true);
      if (Object.values(faults).some(Boolean)) return;
      void saving
        .save(async () => void (await send()))
        .then((done) => {
          if (done) saved();
        });
    },
  };
}

type Said = ReturnType<typeof useTrying>["said"];

export function FormEnd({ saving, act, cancel }: { saving: Saving; act: string; cancel: () => void }) {
  const { t } = useTranslation();
  return (
    <SaveBar busy={saving.busy} saved={false} dirty={false} error={toolRefusal(t, saving.problem)} act={act}>
      <button type="button" className="button button-quiet" onClick={cancel} disabled={saving.busy}>
        {t("form.cancel")}
      </button>
    </SaveBar>
  );
}

interface OneField {
  value: string;
  change: (value: string) => void;
}

export function NameField({
  value,
  change,
  fixed,
  error,
}: OneField & { fixed: boolean; error: string | null }) {
  const { t } = useTranslation();
  return (
    <TextField
      label={t("agent.tools.name")}
      dir="ltr"
      value={value}
      change={change}
      readOnly={fixed}
      hint={t("agent.tools.nameHint")}
      error={error}
    />
  );
}

export function TimeoutField({ value, change, error }: OneField & { error: string | null }) {
  const { t } = useTranslation();
  return (
    <TextField
      label={t("agent.tools.timeout")}
      dir="ltr"
      inputMode="numeric"
      value={value}
      change={change}
      error={error}
    />
  );
}

export function TokenField({ value, change, held }: OneField & { held: boolean | undefined }) {
  const { t } = useTranslation();
  return (
    <TextField
      label={t("agent.tools.token")}
      dir="ltr"
      type="password"
      autoComplete="new-password"
      value={value}
      change={change}
      hint={held ? t("agent.connections.secretHeld") : undefined}
    />
  );
}

export function ProofField({ value, change, error }: OneField & { error?: string | null }) {
  const { t } = useTranslation();
  return (
    <TextField
      label={t("agent.tools.proof")}
      dir="ltr"
      value={value}
      change={change}
      hint={t("agent.tools.proofHint")}
      error={error}
    />
  );
}

type Spoken = Pick<ToolDraft, "answer" | "examples" | "asks">;

interface SpokenProps {
  draft: Spoken;
  set: (part: Partial<Spoken>) => void;
  said: Said;
}

export function AnswerFields({
  draft,
  set,
  said,
  hint,
  wrong,
}: SpokenProps & { hint: string; wrong: boolean }) {
  const { t } = useTranslation();
  return (
    <BothFields
      label={t("agent.tools.answer")}
      value={draft.answer}
      change={(answer) => set({ answer })}
      maxLength={300}
      hint={hint}
      error={{ en: said(wrong, t("agent.tools.fault.both")) }}
    />
  );
}

/** What callers say to mean it, and what they are asked for. */
export function MeantBy({
  draft,
  set,
  said,
  wrong,
  required,
}: SpokenProps & { wrong: boolean; required: string[] }) {
  const { t } = useTranslation();
  return (
    <>
      <BothFields
        label={t("agent.tools.examples")}
        value={draft.examples}
        change={(examples) => set({ examples })}
        rows={3}
        maxLength={3000}
        hint={t("agent.tools.examplesHint")}
        error={{ en: said(wrong, t("agent.tools.fault.examples")) }}
      />
      {required.map((field) => (
        <BothFields
          key={field}
          label={t("agent.tools.askFor", { field })}
          value={askOf(draft, field)}
          change={(asked) => set({ asks: { ...draft.asks, [field]: asked } })}
          maxLength={300}
          error={{ en: said(lacks(askOf(draft, field)), t("agent.tools.fault.both")) }}
        />
      ))}
    </>
  );
}

const OWN = [
  "bad_address",
  "bad_schema",
  "built_in",
  "too_many_tools",
  "too_many_servers",
  "name_taken",
  "server_away",
  "tool_changed",
] as const;

export function toolRefusal(...[t, problem]: Parameters<typeof refusal>): string | null {
  const own = OWN.find((code) => code === problem?.code);
  return own ? t(`agent.tools.fault.${own}`) : refusal(t, problem);
}

export function Refused({ problem }: { problem: Problem | null }) {
  const { t } = useTranslation();
  return problem === null ? null : (
    <p className="field-error" role="alert">
      {toolRefusal(t, problem)}
    </p>
  );
}

/** What came of asking the other side for a try. */
export function Asked({
  problem,
  trouble,
  children,
}: {
  problem: Problem | null;
  trouble: { sentence: string; text: string } | null;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <div role="status" className="connection-answer">
      {problem && <p className="field-error">{toolRefusal(t, problem)}</p>}
      {trouble && (
        <>
          <p className="field-error">{trouble.sentence}</p>
          <p className="hint" dir="ltr">
            {trouble.text}
          </p>
        </>
      )}
      {children}
    </div>
  );
}
