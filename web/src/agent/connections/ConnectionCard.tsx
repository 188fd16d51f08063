/** One connection: whether it works, by the vendor's own answer, and everything that can be done with it. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Switch } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { useSaving } from "../../form/useSaving";
import { Act } from "../Act";
import { Removal } from "../Removal";
import { Afterwards } from "./Afterwards";
import { type Connection, type ConnectionChange, connectionsApi, type Tried } from "./api";
import { ConnectionForm } from "./ConnectionForm";
import { kindOf } from "./kinds";

interface CardProps {
  connection: Connection;
  tried: Tried | "asking" | null;
  test: () => void;
  again: () => void;
}

export function ConnectionCard({ connection, tried, test, again }: CardProps) {
  const { t } = useTranslation();
  const [changing, setChanging] = useState(false);
  const saving = useSaving();
  const of = kindOf(connection.kind);
  const consent = () =>
    void saving.save(async () => window.location.assign(await connectionsApi.consent(connection.id)));
  const change = (change: ConnectionChange) =>
    void saving.save(async () => void (await connectionsApi.change(connection.id, change))).then(again);
  const needsConsent = connection.sign_in === "oauth";
  return (
    <li className="card connection">
      <div className="document-top">
        <h2>{of.name}</h2>
        <span className={`badge connection-${standingOf(connection)}`}>
          {t(`agent.connections.standing.${standingOf(connection)}`)}
        </span>
      </div>
      <p className="hint connection-address">
        <bdi dir="ltr">{connection.address}</bdi>
      </p>
      <Answer tried={tried} name={of.name} />
      {saving.problem && (
        <p className="field-error" role="alert">
          {refusal(t, saving.problem)}
        </p>
      )}
      {changing ? (
        <ConnectionForm
          of={of}
          held={connection}
          saved={() => {
            setChanging(false);
            again();
          }}
          cancel={() => setChanging(false)}
        />
      ) : (
        <div className="document-acts">
          {needsConsent && (
            <Act of={of.name} primary={!connection.signed_in} press={consent} disabled={saving.busy}>
              {connection.signed_in ? t("agent.connections.consentAgain") : t("agent.connections.consent")}
            </Act>
          )}
          <Act of={of.name} press={test} disabled={tried === "asking"}>
            {t("agent.connections.test")}
          </Act>
          <Act of={of.name} press={() => setChanging(true)}>
            {t("agent.connections.change")}
          </Act>
          <Removal
            name={of.name}
            title={t("agent.connections.removeTitle", { name: of.name })}
            warning={t("agent.connections.removeWarning")}
            remove={() => connectionsApi.remove(connection.id)}
            removed={again}
          />
        </div>
      )}
      <Switch
        label={t("agent.connections.enabled", { name: of.name })}
        on={connection.enabled}
        change={(enabled) => change({ enabled })}
      />
      <Afterwards connection={connection} change={change} />
    </li>
  );
}

function standingOf({ enabled, in_use, signed_in }: Connection): "off" | "open" | "inUse" | "beside" {
  if (!enabled) return "off";
  if (!signed_in) return "open";
  return in_use ? "inUse" : "beside";
}

function Answer({ tried, name }: { tried: Tried | "asking" | null; name: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" className="connection-answer">
      {tried === "asking" && <p className="hint">{t("agent.connections.asking", { name })}</p>}
      {tried !== null && tried !== "asking" && tried.works && (
        <p className="connection-works">
          {t("agent.connections.works")} <bdi>{tried.account}</bdi>
        </p>
      )}
      {tried !== null && tried !== "asking" && tried.trouble && (
        <p className="field-error">{t(`agent.connections.trouble.${tried.trouble}`, { name })}</p>
      )}
    </div>
  );
}
