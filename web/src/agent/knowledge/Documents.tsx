/** The documents that the agent answers from, with what becomes of each while it is read. */

import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "../../form/Dialog";
import { refusal } from "../../form/problem";
import { useSaving } from "../../form/useSaving";
import { bytes, moment, nameOf, percent } from "../../ui/format";
import { useNow } from "../../ui/useNow";
import { type KnownDocument, knowledgeApi } from "./api";
import { isUnderWay, TAKEN } from "./view";

interface DocumentsProps {
  documents: readonly KnownDocument[];
  replace: (files: readonly File[], name: string) => void;
  again: () => void;
}

export function Documents({ documents, replace, again }: DocumentsProps) {
  const { t } = useTranslation();
  const [leaving, setLeaving] = useState<KnownDocument | null>(null);
  const saving = useSaving();
  const remove = (document: KnownDocument) =>
    void saving
      .save(async () => void (await knowledgeApi.remove(document.id)))
      .then(() => {
        setLeaving(null);
        again();
      });
  return (
    <>
      {saving.problem && (
        <p className="form-note" role="alert">
          {refusal(t, saving.problem)}
        </p>
      )}
      <ul className="documents" aria-label={t("agent.knowledge.title")}>
        {documents.map((document) => (
          <DocumentItem
            key={document.id}
            document={document}
            replace={(files) => replace(files, document.name)}
            remove={() => setLeaving(document)}
          />
        ))}
      </ul>
      <Confirm
        open={leaving !== null}
        title={t("agent.knowledge.removeTitle", { name: leaving?.name ?? "" })}
        text={t("agent.knowledge.removeWarning")}
        act={t("agent.knowledge.remove")}
        danger
        busy={saving.busy}
        confirm={() => leaving && remove(leaving)}
        cancel={() => setLeaving(null)}
      />
    </>
  );
}

interface ItemProps {
  document: KnownDocument;
  replace: (files: readonly File[]) => void;
  remove: () => void;
}

function DocumentItem({ document, replace, remove }: ItemProps) {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  const going = document.state === "removing";
  return (
    <li className="card document">
      <div className="document-top">
        <h2 className="document-name">
          <bdi>{document.name}</bdi>
        </h2>
        <span className={`badge document-${document.state}`}>
          {t(`agent.knowledge.state.${document.state}`)}
        </span>
      </div>
      <Facts document={document} />
      <Progress document={document} />
      <div className="document-acts">
        <button type="button" className="button" disabled={going} onClick={() => picker.current?.click()}>
          {t("agent.knowledge.replace")}
          <span className="visually-hidden"> {document.name}</span>
        </button>
        <button type="button" className="button button-quiet" disabled={going} onClick={remove}>
          {t("agent.knowledge.remove")}
          <span className="visually-hidden"> {document.name}</span>
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          accept={TAKEN}
          aria-label={t("agent.knowledge.replace")}
          onChange={(event) => {
            replace([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </div>
    </li>
  );
}

function Facts({ document }: { document: KnownDocument }) {
  const { t, i18n } = useTranslation();
  const now = useNow(60_000);
  const { language, pages, chunks_total: chunks } = document;
  const facts = [
    document.kind.toUpperCase(),
    bytes(document.size_bytes, i18n.language),
    language === "en" || language === "ar" ? t(`language.${language}`) : null,
    pages === null ? null : t("agent.knowledge.pages", { count: pages }),
    chunks === null ? null : t("agent.knowledge.chunks", { count: chunks }),
    moment(document.uploaded_at, now, i18n.language),
  ];
  return (
    <p className="hint document-facts">
      {facts.filter(Boolean).map((fact) => (
        <bdi key={fact}>{fact}</bdi>
      ))}
    </p>
  );
}

function Progress({ document }: { document: KnownDocument }) {
  const { t, i18n } = useTranslation();
  const { state, problem, progress } = document;
  if (state === "failed" && problem)
    return <p className="field-error">{nameOf(problem.text, i18n.language, problem.code)}</p>;
  if (!isUnderWay(document) || state === "removing") return null;
  const said =
    state === "indexing" && document.chunks_total !== null
      ? t("agent.knowledge.indexed", {
          done: document.chunks_done,
          total: document.chunks_total,
          share: percent(progress, i18n.language),
        })
      : t(`agent.knowledge.step.${state === "reading" ? "reading" : "queued"}`);
  return (
    <div className="document-progress">
      <progress
        value={state === "indexing" ? progress : undefined}
        aria-label={t(`agent.knowledge.state.${state}`)}
      />
      <span className="hint">{said}</span>
    </div>
  );
}
