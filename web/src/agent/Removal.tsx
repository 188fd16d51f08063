/** The button that takes a thing of the agent's away, with the question before it. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "../form/Dialog";
import { refusal } from "../form/problem";
import { useSaving } from "../form/useSaving";
import { Act } from "./Act";

interface RemovalProps {
  name: string;
  title: string;
  warning: string;
  remove: () => Promise<void>;
  removed: () => void;
}

export function Removal({ name, title, warning, remove, removed }: RemovalProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const saving = useSaving();
  const confirmed = () =>
    void saving.save(remove).then((done) => {
      setAsking(false);
      if (done) removed();
    });
  return (
    <>
      <Act of={name} quiet press={() => setAsking(true)}>
        {t("agent.connections.remove")}
      </Act>
      {saving.problem && (
        <p className="field-error" role="alert">
          {refusal(t, saving.problem)}
        </p>
      )}
      <Confirm
        open={asking}
        title={title}
        text={warning}
        act={t("agent.connections.remove")}
        danger
        busy={saving.busy}
        confirm={confirmed}
        cancel={() => setAsking(false)}
      />
    </>
  );
}
