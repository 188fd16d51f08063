/** Copies of people's voices: whose they are, what those people agreed to, and the end of it. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { Message } from "../../ui/Message";
import { Agent } from "../Agent";
import { type Voices as Kept, voicesApi } from "./api";
import { CloneForm } from "./CloneForm";
import { VoiceCard } from "./VoiceCard";

export function Voices() {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => voicesApi.all(signal), []);
  const fresh = useFresh(read, null);
  return (
    <Agent>
      <Loaded fresh={fresh} loading={t("voices.loading")}>
        {(kept) => <Shelf kept={kept} again={fresh.again} />}
      </Loaded>
    </Agent>
  );
}

function Shelf({ kept, again }: { kept: Kept; again: () => void }) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const { voices, can_clone: canClone } = kept;
  const add = (
    <button type="button" className="button button-primary" onClick={() => setAdding(true)}>
      {t("voices.add")}
    </button>
  );
  return (
    <div className="part-stack">
      <p className="hint">{t("voices.lead")}</p>
      {canClone !== true && (
        <section className="card connection">
          <h2>{t(canClone === null ? "voices.engine.away" : "voices.engine.none")}</h2>
          <p className="hint">{t(canClone === null ? "voices.engine.awayHint" : "voices.engine.noneHint")}</p>
        </section>
      )}
      {voices.length > 0 && (
        <ul className="documents" aria-label={t("voices.title")}>
          {voices.map((voice) => (
            <VoiceCard key={voice.name} voice={voice} waits={canClone === false} again={again} />
          ))}
        </ul>
      )}
      {adding ? (
        <CloneForm
          taken={voices.map(({ name }) => name)}
          statement={kept.statement}
          saved={() => {
            setAdding(false);
            again();
          }}
          cancel={() => setAdding(false)}
        />
      ) : voices.length === 0 ? (
        <Message icon="microphone" title={t("voices.none")} text={t("voices.noneHint")}>
          {add}
        </Message>
      ) : (
        <div className="document-acts">{add}</div>
      )}
    </div>
  );
}
