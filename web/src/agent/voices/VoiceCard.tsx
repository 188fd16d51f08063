/** One voice: whose it is, the consent for it, whether callers hear it, and the way to end that. */

import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { dayText } from "../../ui/format";
import { Removal } from "../Removal";
import { type ClonedVoice, voicesApi } from "./api";

interface CardProps {
  voice: ClonedVoice;
  /** The speech process can copy no voice: another one speaks in its place. */
  waits: boolean;
  again: () => void;
}

export function VoiceCard({ voice, waits, again }: CardProps) {
  const { t, i18n } = useTranslation();
  const state = voice.speaks.length === 0 ? "unused" : waits ? "waits" : "speaks";
  return (
    <li className="card connection">
      <div className="document-top">
        <h2 dir="auto">{voice.person}</h2>
        <span className={state === "speaks" ? "badge connection-inUse" : "badge"}>
          {t(`voices.state.${state}`)}
        </span>
      </div>
      <dl className="voice-facts">
        <dt>{t("voices.name")}</dt>
        <dd>
          <bdi dir="ltr">{voice.voice}</bdi>
        </dd>
        <dt>{t("voices.givenOn")}</dt>
        <dd>{dayText(voice.given_on, i18n.language)}</dd>
        <dt>{t("voices.recordedBy")}</dt>
        <dd>
          <bdi>{voice.recorded_by}</bdi>
        </dd>
        {voice.language && (
          <>
            <dt>{t("voices.language")}</dt>
            <dd>{t(`language.${voice.language}`)}</dd>
          </>
        )}
        <dt>{t("voices.heardIn")}</dt>
        <dd>
          {voice.speaks.length > 0
            ? voice.speaks.map((language) => t(`language.${language}`)).join(", ")
            : t("voices.heardNowhere")}
        </dd>
      </dl>
      <blockquote className="voice-words" dir="auto" lang={voice.language ?? undefined}>
        {voice.agreed_to || t("voices.noWords")}
      </blockquote>
      {voice.speaks.length === 0 && (
        <p className="hint">
          {t("voices.useHint", { voice: voice.voice })}{" "}
          <Link href="/team/company">{t("voices.useLink")}</Link>
        </p>
      )}
      <div className="document-acts">
        <Removal
          name={voice.person}
          act={t("voices.withdraw")}
          title={t("voices.withdrawTitle", { name: voice.person })}
          warning={t("voices.withdrawWarning")}
          remove={() => voicesApi.withdraw(voice.name)}
          removed={again}
        />
      </div>
    </li>
  );
}
