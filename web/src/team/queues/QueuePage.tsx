/** One queue: who is sent there, how long it rings, how long callers wait, and its end. */

import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { Confirm } from "../../form/Dialog";
import { BothFields, Choices, SaveBar, TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { shortNameFrom } from "../../form/rules";
import { Unsaved } from "../../form/Unsaved";
import { formKeys, useSaving } from "../../form/useSaving";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { nameOf } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { Message } from "../../ui/Message";
import { type Queue, teamApi } from "../api";
import { draftOf, faultsOf, NEW_QUEUE, type QueueDraft, queueOf, TIMES } from "./draft";

export function QueuePage({ id }: { id: string | null }) {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => teamApi.queues(signal), []);
  const fresh = useFresh(read, null);
  return (
    <>
      <p>
        <Link href="/team/queues" className="button button-quiet part-back">
          <Icon name="back" />
          {t("team.queues.back")}
        </Link>
      </p>
      <Loaded fresh={fresh} loading={t("team.queues.loading")}>
        {(queues) => {
          const queue = queues.find((one) => one.id === id) ?? null;
          if (id !== null && queue === null) return <Message icon="user" title={t("team.queues.gone")} />;
          return <QueueForm queue={queue} queues={queues} />;
        }}
      </Loaded>
    </>
  );
}

function QueueForm({ queue, queues }: { queue: Queue | null; queues: Queue[] }) {
  const { t, i18n } = useTranslation();
  const [, navigate] = useLocation();
  const [stored, setStored] = useState(() => (queue ? draftOf(queue) : NEW_QUEUE));
  const [draft, setDraft] = useState<QueueDraft>(stored);
  const [tried, setTried] = useState(false);
  const [left, setLeft] = useState(false);
  const saving = useSaving();
  // In an effect: by then nothing asks any more whether to leave without saving.
  useEffect(() => {
    if (left) navigate("/team/queues");
  }, [left, navigate]);
  const set = (part: Partial<QueueDraft>) => {
    setDraft((now) => ({ ...now, ...part }));
    saving.touched();
  };
  const faults = faultsOf(draft);
  const dirty = JSON.stringify(draft) !== JSON.stringify(stored);
  const submit = () => {
    setTried(true);
    if (Object.values(faults).some(Boolean)) return;
    const taken = queues.map((one) => one.id);
    const id = queue?.id ?? (shortNameFrom(draft.name.en, taken) || shortNameFrom("queue", taken));
    const position = queue?.position ?? Math.max(-1, ...queues.map((one) => one.position)) + 1;
    void saving
      .save(async () => {
        const saved = draftOf(await teamApi.saveQueue(queueOf(draft, id, position)));
        setStored(saved);
        setDraft(saved);
      })
      .then((done) => {
        if (done && queue === null) setLeft(true);
      });
  };
  const said = (fault: boolean | undefined, sentence: string) => (tried && fault ? sentence : null);
  return (
    <div className="part-columns">
      <form className="card part-form" noValidate {...formKeys(submit)}>
        <h2>{queue ? nameOf(queue.name, i18n.language, queue.id) : t("team.queues.add")}</h2>
        <BothFields
          label={t("team.queues.name")}
          value={draft.name}
          change={(name) => set({ name })}
          maxLength={100}
          error={{
            en: said(faults.en, t("team.queues.fault.name")),
            ar: said(faults.ar, t("team.queues.fault.name")),
          }}
        />
        <Choices
          label={t("team.queues.languages")}
          options={(["en", "ar"] as const).map((value) => ({ value, name: t(`language.${value}`) }))}
          chosen={draft.languages}
          change={(languages) => set({ languages })}
          hint={t("team.queues.languagesHint")}
        />
        <TextField
          label={t("team.queues.skills")}
          dir="ltr"
          placeholder="billing, returns"
          value={draft.skills}
          change={(skills) => set({ skills })}
          hint={t("team.queues.skillsHint")}
          error={said(faults.skills, t("team.people.fault.skills"))}
        />
        <div className="part-row">
          {TIMES.map(({ key, least, most }) => (
            <TextField
              key={key}
              label={t(`team.queues.${key}`)}
              dir="ltr"
              inputMode="numeric"
              value={draft[key]}
              change={(value) => set({ [key]: value })}
              hint={t(`team.queues.${key}Hint`)}
              error={said(faults[key], t("team.queues.fault.seconds", { least, most }))}
            />
          ))}
        </div>
        <SaveBar
          busy={saving.busy}
          saved={saving.saved}
          dirty={dirty && queue !== null}
          error={refusal(t, saving.problem)}
          act={queue ? t("form.save") : t("team.queues.addAct")}
          reset={() => setDraft(stored)}
        />
        <Unsaved dirty={dirty && !left} />
      </form>
      {queue && (
        <div className="part-side">
          <Removal queue={queue} last={queues.length === 1} removed={() => setLeft(true)} />
        </div>
      )}
    </div>
  );
}

interface RemovalProps {
  queue: Queue;
  last: boolean;
  removed: () => void;
}

function Removal({ queue, last, removed }: RemovalProps) {
  const { t, i18n } = useTranslation();
  const [asking, setAsking] = useState(false);
  const saving = useSaving();
  const remove = () =>
    void saving
      .save(() => teamApi.removeQueue(queue.id))
      .then((done) => {
        setAsking(false);
        if (done) removed();
      });
  return (
    <section className="card">
      <h2>{t("team.queues.remove")}</h2>
      <p className="hint">{last ? t("team.queues.removeLast") : t("team.queues.removeLead")}</p>
      {saving.problem && (
        <p className="field-error" role="alert">
          {refusal(t, saving.problem)}
        </p>
      )}
      <button type="button" className="button" onClick={() => setAsking(true)}>
        {t("team.queues.removeAct")}
      </button>
      <Confirm
        open={asking}
        title={t("team.queues.removeTitle", { name: nameOf(queue.name, i18n.language, queue.id) })}
        text={t("team.queues.removeWarning")}
        act={t("team.queues.removeAct")}
        danger
        busy={saving.busy}
        confirm={remove}
        cancel={() => setAsking(false)}
      />
    </section>
  );
}
