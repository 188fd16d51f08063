/** What the caller sees when there is no call to be had: server away, lines busy, or something that needs a person. */

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Failure } from "../call/machine";
import { secondsText } from "../ui/format";
import { Message } from "../ui/Message";

export function ServerAway({ retryAtMs, retry }: { retryAtMs: number; retry: () => void }) {
  const { t, i18n } = useTranslation();
  const leftS = useCountdown(retryAtMs);
  return (
    <Message
      icon="warning"
      tone="warning"
      title={t("problem.unreachable.title")}
      text={t("problem.unreachable.text")}
    >
      <button type="button" className="button button-primary" onClick={retry}>
        {t("problem.tryNow")}
      </button>
      <p className="countdown" aria-live="off">
        {t("problem.unreachable.countdown", { time: secondsText(leftS, i18n.language) })}
      </p>
    </Message>
  );
}

interface CallFailedProps {
  failure: Failure;
  tryAgain: () => void;
  back: () => void;
}

export function CallFailed({ failure, tryAgain, back }: CallFailedProps) {
  const { t } = useTranslation();
  const retries = failure.code === "busy" || failure.code === "unreachable";
  const hopeless = failure.code === "unsupported" || failure.code === "refused";
  return (
    <Message
      icon={failure.code === "busy" ? "phone" : "warning"}
      tone={failure.code === "busy" ? "plain" : "warning"}
      title={t(`problem.${failure.code}.title`)}
      text={t(`problem.${failure.code}.text`)}
    >
      {!hopeless && (
        <button type="button" className="button button-primary" onClick={tryAgain}>
          {retries ? t("problem.tryNow") : t("problem.again")}
        </button>
      )}
      <button type="button" className="button" onClick={back}>
        {retries ? t("problem.stop") : t("problem.back")}
      </button>
      {retries && <Retry code={failure.code} afterS={failure.retryAfterS ?? 5} tryAgain={tryAgain} />}
    </Message>
  );
}

function Retry({ code, afterS, tryAgain }: { code: string; afterS: number; tryAgain: () => void }) {
  const { t, i18n } = useTranslation();
  const [atMs] = useState(() => Date.now() + afterS * 1000);
  const leftS = useCountdown(atMs);
  const due = leftS <= 0;
  useEffect(() => {
    if (due) tryAgain();
  }, [due, tryAgain]);
  const key = code === "busy" ? "problem.busy.countdown" : "problem.unreachable.countdown";
  return <p className="countdown">{t(key, { time: secondsText(leftS, i18n.language) })}</p>;
}

function useCountdown(atMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), 250);
    return () => window.clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}
