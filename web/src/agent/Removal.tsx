/** The button that takes a thing of the agent's away, with the question before it. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "../form/Dialog";
import { refusal } from "../form/problem";
import { useSaving } from "../form/useSaving";
import { Act } from "./Act";

interface RemovalProps {
  name: string;
  /** As a verb; "remove" where nothing else is said. */
  act?: string;
  title: string;
  warning: string;
  remove: () => Promise<void>;
  removed: () => void;
}

export function Removal({ name, act, title, warning, remove, removed }: RemovalProps) {
  const { t } = useTranslation();
  const word = act ?? t("agent.connections.remove");
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
        {word}
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
        act={word}
        danger
        busy={saving.busy}
        confirm={confirmed}
        cancel={() => setAsking(false)}
      />
    </>
  );
}
