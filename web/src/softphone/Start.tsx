/** Before the call: whom to call, the one big button, and the microphone if it makes trouble. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Site } from "../call/api";
import type { AudioChoice } from "../call/audio";
import type { MicrophoneProblem } from "../call/machine";
import { nameOf } from "../ui/format";
import { Icon } from "../ui/Icon";
import { AudioSettings } from "./AudioSettings";

interface StartProps {
  sites: Site[];
  site: Site;
  choose: (slug: string) => void;
  asking: boolean;
  problem: MicrophoneProblem | null;
  call: (withoutMicrophone: boolean) => void;
  cancel: () => void;
  audio: AudioChoice;
  changeAudio: (audio: AudioChoice) => void;
}

export function Start({
  sites,
  site,
  choose,
  asking,
  problem,
  call,
  cancel,
  audio,
  changeAudio,
}: StartProps) {
  const { t, i18n } = useTranslation();
  const [settingsOpen, setSettingsOpen] = useState(false);
  const name = nameOf(site.name, i18n.language, site.slug);
  return (
    <div className="start">
      <h1>{t("call.title", { name })}</h1>
      <p className="lead">{t("call.lead")}</p>
      {sites.length > 1 && <SitePicker sites={sites} site={site} choose={choose} disabled={asking} />}
      <button
        type="button"
        className={asking ? "orb orb-start orb-asking" : "orb orb-start"}
        onClick={() => (asking ? cancel() : call(false))}
        aria-label={asking ? t("call.cancel") : t("call.start", { name })}
      >
        <span className="orb-ring" />
        <span className="orb-ring" />
        <span className="orb-heart">
          <Icon name={asking ? "microphone" : "phone"} />
        </span>
      </button>
      <p className="start-status" role="status">
        {asking ? t("call.microphone") : t("call.press")}
      </p>
      {problem && <MicrophoneTrouble problem={problem} call={call} />}
      <p className="disclosure">{t("call.disclosure")}</p>
      <div className="start-options">
        <button
          type="button"
          className="button button-quiet"
          aria-expanded={settingsOpen}
          onClick={() => setSettingsOpen(!settingsOpen)}
        >
          <Icon name="sliders" />
          {t("settings.title")}
        </button>
        {!problem && (
          <button type="button" className="button button-quiet" onClick={() => call(true)} disabled={asking}>
            <Icon name="microphoneOff" />
            {t("problem.without")}
          </button>
        )}
      </div>
      {settingsOpen && <AudioSettings audio={audio} change={changeAudio} level={null} />}
    </div>
  );
}

function SitePicker({
  sites,
  site,
  choose,
  disabled,
}: Pick<StartProps, "sites" | "site" | "choose"> & { disabled: boolean }) {
  const { t, i18n } = useTranslation();
  return (
    <fieldset className="sites" disabled={disabled}>
      <legend>{t("sites.choose")}</legend>
      {sites.map((one) => (
        <label key={one.slug} className="site">
          <input
            type="radio"
            name="site"
            value={one.slug}
            checked={one.slug === site.slug}
            onChange={() => choose(one.slug)}
          />
          <span className="site-initial" aria-hidden="true">
            {nameOf(one.name, i18n.language, one.slug).slice(0, 1)}
          </span>
          <span className="site-name">{nameOf(one.name, i18n.language, one.slug)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function MicrophoneTrouble({ problem, call }: Pick<StartProps, "call"> & { problem: MicrophoneProblem }) {
  const { t } = useTranslation();
  return (
    <section className="trouble" role="alert">
      <Icon name="microphoneOff" />
      <div>
        <h2>{t(`problem.${problem}.title`)}</h2>
        <p>{t(`problem.${problem}.text`)}</p>
        <div className="trouble-actions">
          <button type="button" className="button button-primary" onClick={() => call(true)}>
            {t("problem.without")}
          </button>
          {problem !== "insecure" && (
            <button type="button" className="button" onClick={() => call(false)}>
              {t("problem.again")}
            </button>
          )}
        </div>
      </div>
    </section>
  );
}
