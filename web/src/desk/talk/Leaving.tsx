/** Letting the caller go: back to the agent, on to a colleague, or the end of the call. Each asks once more. */

import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { nameOf } from "../../ui/format";
import type { Queue } from "../api";
import { deskSession } from "../session";

export const WAYS = ["giveBack", "requeue", "finish"] as const;
export type Way = (typeof WAYS)[number];

interface LeavingProps {
  way: Way | null;
  /** From somebody who writes: there is no call to end, and no music to wait with. */
  written?: boolean | undefined;
  handoffId: string;
  queues: readonly Queue[];
  /** The queue that the caller came from. */
  queueId: string;
  close: () => void;
}

export function Leaving({ way, written, handoffId, queues, queueId, close }: LeavingProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (way !== null && !dialog.current?.open) dialog.current?.showModal();
    else if (way === null) dialog.current?.close();
  }, [way]);
  return (
    <dialog ref={dialog} className="dialog dialog-form" onClose={close} aria-labelledby="leaving-title">
      {way !== null && (
        <LeavingForm
          key={way}
          way={way}
          written={written}
          handoffId={handoffId}
          queues={queues}
          queueId={queueId}
          close={close}
        />
      )}
    </dialog>
  );
}

function LeavingForm({ way, written, handoffId, queues, queueId, close }: LeavingProps & { way: Way }) {
  const { t, i18n } = useTranslation();
  const [note, setNote] = useState("");
  const [queue, setQueue] = useState(queues.some(({ id }) => id === queueId) ? queueId : "");
  const leave = (event: FormEvent) => {
    event.preventDefault();
    close();
    if (way === "giveBack") void deskSession.giveBack(handoffId, note);
    else if (way === "requeue") void deskSession.requeue(handoffId, queue || null, note);
    else void deskSession.finish(handoffId);
  };
  const act = written && way === "finish" ? t("desk.written.finish") : t(`desk.talk.confirm.${way}`);
  const lead = written && way !== "giveBack" ? t(`desk.written.${way}Lead`) : t(`desk.talk.${way}Lead`);
  return (
    <form className="leaving" onSubmit={leave}>
      <h2 id="leaving-title">{act}</h2>
      <p className="lead">{lead}</p>
      {way === "requeue" && queues.length > 0 && (
        <label className="field">
          <span>{t("desk.talk.requeueQueue")}</span>
          <select value={queue} onChange={(event) => setQueue(event.target.value)}>
            {queues.map((one) => (
              <option key={one.id} value={one.id}>
                {nameOf(one.name, i18n.language, one.id)}
              </option>
            ))}
          </select>
        </label>
      )}
      {way !== "finish" && (
        <label className="field">
          <span>{t(`desk.talk.${way}Note`)}</span>
          <textarea
            dir="auto"
            rows={3}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
      )}
      <div className="dialog-actions">
        <button type="submit" className={way === "finish" ? "button button-danger" : "button button-primary"}>
          {act}
        </button>
        <button type="button" className="button" onClick={close}>
          {t("desk.talk.cancel")}
        </button>
      </div>
    </form>
  );
}
