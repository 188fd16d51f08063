/** Files on their way here: picked or dropped, one after the other, each with how far it is or what is wrong. */

import { type DragEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../../http";
import { Icon } from "../../ui/Icon";
import { knowledgeApi } from "./api";
import { faultOf, TAKEN } from "./view";

export interface Sending {
  key: number;
  name: string;
  /** 0..1 of its bytes. */
  share: number;
  /** A code where it was not taken; "same" where the same content is here already. */
  problem: string | null;
}

export interface Uploads {
  sending: readonly Sending[];
  /** `as` gives each file another name: that of the document which it replaces. */
  add: (files: readonly File[], as?: string) => void;
  dismiss: (key: number) => void;
}

export function useUploads(arrived: () => void): Uploads {
  const [sending, setSending] = useState<Sending[]>([]);
  const numbers = useRef(0);
  const line = useRef(Promise.resolve());
  const change = (key: number, part: Partial<Sending>) =>
    setSending((now) => now.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const dismiss = (key: number) => setSending((now) => now.filter((one) => one.key !== key));

  const send = async (file: File, name: string, key: number) => {
    try {
      const document = await knowledgeApi.upload(file, name, (share) => change(key, { share }));
      if (document.new) dismiss(key);
      else change(key, { share: 1, problem: "same" });
      arrived();
    } catch (error) {
      change(key, { problem: error instanceof Problem ? error.code : "unknown" });
    }
  };
  return {
    sending,
    dismiss,
    add(files, as) {
      for (const file of files) {
        const key = numbers.current++;
        const name = as ?? file.name;
        const problem = faultOf({ name, size: file.size });
        setSending((now) => [...now, { key, name, share: 0, problem }]);
        if (problem === null) line.current = line.current.then(() => send(file, name, key));
      }
    },
  };
}

export function Upload({ uploads }: { uploads: Uploads }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const id = useId();
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    uploads.add([...event.dataTransfer.files]);
  };
  return (
    <section
      className={over ? "drop drop-over" : "drop"}
      aria-labelledby={id}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <p id={id} className="drop-title">
        {t("agent.knowledge.drop")}
      </p>
      <p className="hint">{t("agent.knowledge.kinds")}</p>
      <button type="button" className="button button-primary" onClick={() => picker.current?.click()}>
        {t("agent.knowledge.pick")}
      </button>
      <input
        ref={picker}
        type="file"
        hidden
        multiple
        accept={TAKEN}
        aria-label={t("agent.knowledge.pick")}
        onChange={(event) => {
          uploads.add([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      {uploads.sending.length > 0 && (
        <ul className="sending">
          {uploads.sending.map((one) => (
            <SendingItem key={one.key} one={one} dismiss={() => uploads.dismiss(one.key)} />
          ))}
        </ul>
      )}
    </section>
  );
}

const FAULTS = [
  "unsupported_type",
  "wrong_type",
  "too_large",
  "empty",
  "encrypted",
  "bad_name",
  "same",
  "unreachable",
] as const;

function SendingItem({ one, dismiss }: { one: Sending; dismiss: () => void }) {
  const { t } = useTranslation();
  const known = FAULTS.find((code) => code === one.problem);
  return (
    <li>
      <bdi className="document-name">{one.name}</bdi>
      {one.problem === null ? (
        <progress value={one.share} aria-label={t("agent.knowledge.sending", { name: one.name })} />
      ) : (
        <>
          <span role="alert" className={one.problem === "same" ? "hint" : "field-error"}>
            {t(`agent.knowledge.fault.${known ?? "unknown"}`)}
          </span>
          <button
            type="button"
            className="button button-quiet button-round"
            aria-label={t("agent.knowledge.dismiss", { name: one.name })}
            onClick={dismiss}
          >
            <Icon name="close" />
          </button>
        </>
      )}
    </li>
  );
}
