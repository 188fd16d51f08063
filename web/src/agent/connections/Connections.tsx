/** Whose systems the agent reaches: connect an account, agree at the vendor, and see whether it works. */

import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { Agent } from "../Agent";
import { type Connection, connectionsApi, type Kind, TROUBLES, type Tried } from "./api";
import { ConnectionCard } from "./ConnectionCard";
import { ConnectionForm } from "./ConnectionForm";
import { KINDS, kindOf } from "./kinds";

export function Connections() {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => connectionsApi.all(signal), []);
  const fresh = useFresh(read, null);
  return (
    <Agent>
      <Loaded fresh={fresh} loading={t("agent.connections.loading")}>
        {(connections) => <List connections={connections} again={fresh.again} />}
      </Loaded>
    </Agent>
  );
}

function List({ connections, again }: { connections: Connection[]; again: () => void }) {
  const { t } = useTranslation();
  const [tried, setTried] = useState<Record<string, Tried | "asking">>({});
  const [back] = useState(broughtBack);
  const [adding, setAdding] = useState<Kind | null>(null);
  const test = useCallback(async (id: string) => {
    setTried((now) => ({ ...now, [id]: "asking" }));
    const unreachable: Tried = { works: false, account: null, trouble: "unreachable" };
    const answer = await connectionsApi.test(id).catch(() => unreachable);
    setTried((now) => ({ ...now, [id]: answer }));
  }, []);
  const asked = useRef(false);
  useEffect(() => {
    if (back === null || asked.current) return;
    asked.current = true;
    window.history.replaceState(null, "", window.location.pathname);
    if (back.result === "connected") void test(back.connection);
  }, [back, test]);
  const open = KINDS.filter(({ kind }) => !connections.some((one) => one.kind === kind));
  return (
    <div className="part-stack">
      <p className="hint">{t("agent.connections.lead")}</p>
      {back !== null && back.result !== "connected" && (
        <p className="form-note" role="alert">
          {t(`agent.connections.back.${back.result}`)}
        </p>
      )}
      {connections.length > 0 && (
        <ul className="documents" aria-label={t("agent.connections.title")}>
          {connections.map((one) => (
            <ConnectionCard
              key={one.id}
              connection={one}
              tried={tried[one.id] ?? null}
              test={() => void test(one.id)}
              again={() => {
                setTried(({ [one.id]: _, ...others }) => others);
                again();
              }}
            />
          ))}
        </ul>
      )}
      {adding !== null ? (
        <section className="card connection">
          <h2>{t("agent.connections.addKind", { name: kindOf(adding).name })}</h2>
          <ConnectionForm
            key={adding}
            of={kindOf(adding)}
            held={null}
            saved={() => {
              setAdding(null);
              again();
            }}
            cancel={() => setAdding(null)}
          />
        </section>
      ) : (
        open.length > 0 && (
          <section className="card connection">
            <h2>{t("agent.connections.add")}</h2>
            <div className="kinds">
              {open.map(({ kind, name }) => (
                <button key={kind} type="button" className="button" onClick={() => setAdding(kind)}>
                  {name}
                </button>
              ))}
            </div>
          </section>
        )
      )}
    </div>
  );
}

const RESULTS = ["connected", "declined", "late", ...TROUBLES] as const;

/** What became of a consent, where the browser comes back from one. */
function broughtBack(): { result: (typeof RESULTS)[number]; connection: string } | null {
  const query = new URLSearchParams(window.location.search);
  const result = RESULTS.find((one) => one === query.get("consent"));
  return result ? { result, connection: query.get("connection") ?? "" } : null;
}
