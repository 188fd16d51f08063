/** What a CRM is told of a call once it is over. */

import { useTranslation } from "react-i18next";
import { Choice } from "../../form/Choice";
import { Switch } from "../../form/Fields";
import { type Connection, type ConnectionChange, LOG_CALLS, type LogCalls } from "./api";
import { kindOf } from "./kinds";

interface AfterwardsProps {
  connection: Connection;
  change: (change: ConnectionChange) => void;
}

export function Afterwards({ connection, change }: AfterwardsProps) {
  const { t } = useTranslation();
  const { name, calls } = kindOf(connection.kind);
  if (calls === null) return null;
  return (
    <>
      <Choice<LogCalls>
        label={t("agent.connections.logCalls", { name })}
        options={LOG_CALLS.map((value) => ({ value, name: t(`agent.connections.logged.${value}`) }))}
        chosen={connection.log_calls}
        change={(log_calls) => change({ log_calls })}
        hint={t(`agent.connections.logHint.${calls}`, { name })}
      />
      <Switch
        label={t("agent.connections.startWorkflows", { name })}
        on={connection.start_workflows}
        change={(start_workflows) => change({ start_workflows })}
        hint={t("agent.connections.startHint")}
      />
    </>
  );
}
