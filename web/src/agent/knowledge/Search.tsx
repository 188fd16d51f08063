/** A question, and the passages that an answer would be taken from. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { useSaving } from "../../form/useSaving";
import { percent } from "../../ui/format";
import { knowledgeApi, type Passage } from "./api";
import { around } from "./view";

export function Search() {
  const { t } = useTranslation();
  const [question, setQuestion] = useState("");
  const [found, setFound] = useState<{ question: string; passages: Passage[] } | null>(null);
  const asking = useSaving();
  const ask = () => {
    const asked = question.trim();
    if (!asked) return;
    void asking.save(async () => setFound({ question: asked, passages: await knowledgeApi.search(asked) }));
  };
  return (
    <section className="card knowledge-search">
      <h2>{t("agent.knowledge.search")}</h2>
      <form
        className="knowledge-ask"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <TextField
          label={t("agent.knowledge.question")}
          dir="auto"
          maxLength={500}
          value={question}
          change={setQuestion}
          hint={t("agent.knowledge.searchHint")}
        />
        <button type="submit" className="button button-primary" disabled={asking.busy || !question.trim()}>
          {t("agent.knowledge.ask")}
        </button>
      </form>
      <div role="status">
        {asking.problem && <p className="field-error">{refusal(t, asking.problem)}</p>}
        {found?.passages.length === 0 && <p className="hint">{t("agent.knowledge.nothing")}</p>}
      </div>
      {found !== null && found.passages.length > 0 && (
        <ol className="passages" aria-label={t("agent.knowledge.passages", { question: found.question })}>
          {found.passages.map((passage) => (
            <PassageItem key={`${passage.document_id}-${passage.text}`} passage={passage} />
          ))}
        </ol>
      )}
    </section>
  );
}

function PassageItem({ passage }: { passage: Passage }) {
  const { t, i18n } = useTranslation();
  const { before, answer, after } = around(passage.text, passage.answer);
  return (
    <li className="passage">
      <p className="passage-source">
        <bdi>{passage.name}</bdi>
        {passage.page !== null && <span>{t("agent.knowledge.page", { page: passage.page })}</span>}
        {passage.heading.length > 0 && <bdi className="hint">{passage.heading.join(" › ")}</bdi>}
        <span className="badge">
          {t("agent.knowledge.score", { score: percent(passage.score, i18n.language) })}
        </span>
      </p>
      <p dir="auto" lang={passage.language ?? undefined} className="passage-text">
        {before}
        {answer && <mark>{answer}</mark>}
        {after}
      </p>
    </li>
  );
}
