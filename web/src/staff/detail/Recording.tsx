/** A call's recording: what the caller said to it, and a player for those who may hear it. */

import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { clock } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { type Consent, type RecordingFacts, staffApi } from "../api";
import { useFresh } from "../useFresh";

const STATES = ["asked", "granted", "declined", "stopped"] as const;

export function Recording({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const read = useCallback((signal: AbortSignal) => staffApi.consent(callId, signal), [callId]);
  const { value, problem, again } = useFresh(read, null);
  return (
    <section className="card" aria-labelledby="recording-title">
      <h2 id="recording-title">{t("recording.title")}</h2>
      {value && <Told recording={value.recording} consents={value.consents} callId={callId} />}
      {!value && !problem && <p className="hint">{t("calls.loading")}</p>}
      {!value && problem && (
        <p className="hint">
          {t("error.failed")}{" "}
          <button type="button" className="button button-quiet" onClick={again}>
            {t("error.again")}
          </button>
        </p>
      )}
    </section>
  );
}

function Told(props: { recording: RecordingFacts | null; consents: Consent[]; callId: string }) {
  const { t } = useTranslation();
  const { recording, consents, callId } = props;
  return (
    <>
      {recording === null && <p className="hint">{t("recording.none")}</p>}
      {recording?.altered && (
        <p className="recording-note" role="alert">
          <Icon name="warning" />
          {t("recording.altered")}
        </p>
      )}
      {recording && !recording.altered && (
        <>
          <Player callId={callId} durationMs={recording.duration_ms} />
          {!recording.complete && (
            <p className="recording-note">
              <Icon name="warning" />
              {t("recording.incomplete")}
            </p>
          )}
        </>
      )}
      {consents.length > 0 && (
        <ol className="consents" aria-label={t("recording.consent")}>
          {consents.map((fact) => (
            <Fact key={fact.number} fact={fact} />
          ))}
        </ol>
      )}
    </>
  );
}

function Fact({ fact }: { fact: Consent }) {
  const { t } = useTranslation();
  const state = STATES.find((known) => known === fact.state);
  const language = fact.language === "ar" ? t("language.ar") : t("language.en");
  return (
    <li>
      <time dir="ltr">{clock(fact.at_ms)}</time>
      {state && <span>{t(`recording.state.${state}`)}</span>}
      {state === "asked" && <span className="tag">{language}</span>}
    </li>
  );
}

/** The sound is asked for only when somebody wants to hear it: each listening is put on record. */
function Player({ callId, durationMs }: { callId: string; durationMs: number }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [failed, setFailed] = useState(false);
  const audio = useRef<HTMLAudioElement>(null);
  const listen = () =>
    void staffApi
      .listen(callId)
      .then(() => {
        setFailed(false);
        setOpen(true);
      })
      .catch(() => setFailed(true));

  // The permission to listen lasts minutes, a recording perhaps longer: ask again, and go on where it stopped.
  const renewed = useRef(false);
  const renew = () => {
    const element = audio.current;
    if (element === null || renewed.current) {
      renewed.current = false;
      setOpen(false);
      setFailed(true);
      return;
    }
    renewed.current = true;
    const at = element.currentTime;
    void staffApi
      .listen(callId)
      .then(() => {
        element.load();
        element.currentTime = at;
        return element.play();
      })
      .catch(() => setFailed(true));
  };

  if (open)
    return (
      // biome-ignore lint/a11y/useMediaCaption: the call's words stand beside it, with their times.
      <audio
        ref={audio}
        className="recording-player"
        controls
        autoPlay
        src={staffApi.recordingUrl(callId)}
        aria-label={t("recording.player")}
        onPlaying={() => {
          renewed.current = false;
        }}
        onError={renew}
      />
    );
  return (
    <>
      <button type="button" className="button" onClick={listen}>
        <Icon name="play" />
        {t("recording.listen")}
        <span dir="ltr">{clock(durationMs)}</span>
      </button>
      <p className="hint">{failed ? t("recording.failed") : t("recording.onRecord")}</p>
    </>
  );
}
