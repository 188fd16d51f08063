/** What the agent may not do alone: actions that wait for a decision, and those somebody has to look after. */

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { moment } from "../ui/format";
import type { Tasks as Open, Task } from "./api";
import { type Doing, deskSession } from "./session";
import { wordsOf } from "./view";
import { languageWord, wordFor } from "./words";

export function Tasks({ tasks, doing }: { tasks: Open; doing: Doing | null }) {
  const { t } = useTranslation();
  const busy = doing !== null;
  return (
    <>
      {tasks.approvals.length > 0 && (
        <Section id="approvals-title" title={t("desk.tasks.approvals")} lead={t("desk.tasks.approvalsLead")}>
          {tasks.approvals.map((task) => (
            <Item key={`${task.call_id}/${task.key}`} task={task}>
              <button
                type="button"
                className="button button-primary"
                onClick={() => void deskSession.seeTo(task, "approve")}
                disabled={busy}
              >
                {t("desk.tasks.allow")}
              </button>
              <button
                type="button"
                className="button"
                onClick={() => void deskSession.seeTo(task, "decline")}
                disabled={busy}
              >
                {t("desk.tasks.decline")}
              </button>
            </Item>
          ))}
        </Section>
      )}
      {tasks.unknown.length > 0 && (
        <Section id="unknown-title" title={t("desk.tasks.unknown")} lead={t("desk.tasks.unknownLead")}>
          {tasks.unknown.map((task) => (
            <Item key={`${task.call_id}/${task.key}`} task={task}>
              <button
                type="button"
                className="button"
                onClick={() => void deskSession.seeTo(task, "done")}
                disabled={busy}
              >
                {t("desk.tasks.done")}
              </button>
            </Item>
          ))}
        </Section>
      )}
    </>
  );
}

function Section({
  id,
  title,
  lead,
  children,
}: {
  id: string;
  title: string;
  lead: string;
  children: ReactNode;
}) {
  return (
    <section className="card desk-tasks" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className="hint">{lead}</p>
      <ul className="callbacks">{children}</ul>
    </section>
  );
}

function Item({ task, children }: { task: Task; children: ReactNode }) {
  const { t, i18n } = useTranslation();
  const words = wordsOf(task);
  return (
    <li className="callback">
      <p className="callback-who">
        <strong>{wordFor(t, i18n, "task", task.action)}</strong>
        {task.caller && <bdi>{task.caller}</bdi>}
        {task.language && <span className="tag">{languageWord(t, task.language)}</span>}
      </p>
      <p className="task-words">
        <bdi>{words || (task.caller ? "" : t("desk.tasks.noWords"))}</bdi>
      </p>
      <p className="hint">
        <Link href={`/calls/${encodeURIComponent(task.call_id)}`}>
          {t("desk.tasks.since", { when: moment(task.since, Date.now(), i18n.language) })}
        </Link>
      </p>
      <div className="callback-acts">{children}</div>
    </li>
  );
}
