/** The softphone: who is here, the call itself, and how it ended. */

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Site } from "../call/api";
import { type AudioChoice, audioFrom } from "../call/audio";
import { isOver } from "../call/machine";
import { useCall } from "../call/useCall";
import { isLanguage } from "../i18n";
import { nameOf } from "../ui/format";
import { Header } from "../ui/Header";
import { Message } from "../ui/Message";
import { useStored } from "../ui/useStored";
import { CallFailed, ServerAway } from "./Away";
import { CallView } from "./CallView";
import { EndCard } from "./EndCard";
import { Start } from "./Start";
import { useSites } from "./useSites";

const acceptSlug = (stored: unknown): string => (typeof stored === "string" ? stored : "");

export function Softphone({ slug }: { slug: string | null }) {
  const { t, i18n } = useTranslation();
  const sites = useSites();
  const [state, session] = useCall();
  const [audio, setAudio] = useStored("hatif.audio", audioFrom);
  const [lastSlug, setLastSlug] = useStored("hatif.site", acceptSlug);
  const [withoutMicrophone, setWithoutMicrophone] = useState(false);

  const listed = sites.sites ?? [];
  const site = slug
    ? listed.find((one) => one.slug === slug)
    : (listed.find((one) => one.slug === lastSlug) ?? listed[0]);
  const siteName = site ? nameOf(site.name, i18n.language, site.slug) : "";
  const inCall = !isOver(state) && state.phase !== "microphone";

  useEffect(() => {
    document.title = siteName ? `${siteName} · ${t("app.name")}` : t("app.name");
  }, [siteName, t]);

  const call = (silent: boolean) => {
    if (!site) return;
    setWithoutMicrophone(silent);
    const language = isLanguage(i18n.language) ? i18n.language : site.default_language;
    void session.call({ siteKey: site.site_key, language, audio, withoutMicrophone: silent });
  };
  const changeAudio = (next: AudioChoice) => {
    if (next.speakerId !== audio.speakerId) void session.chooseSpeaker(next.speakerId);
    if (next.microphoneId !== audio.microphoneId) void session.chooseMicrophone(next).catch(() => {});
    setAudio(next);
  };

  return (
    <>
      <Header>
        {!inCall && (
          <Link href="/calls" className="button button-quiet header-staff">
            {t("app.staff")}
          </Link>
        )}
      </Header>
      <main id="content" className={inCall ? "page page-call" : "page page-centred"}>
        {content()}
      </main>
    </>
  );

  function content() {
    if (sites.sites === null) {
      return sites.away ? <ServerAway retryAtMs={sites.retryAtMs} retry={sites.retry} /> : <Loading />;
    }
    if (!site) return <NobodyHere unknown={slug !== null} />;
    if (inCall) {
      return (
        <CallView state={state} session={session} name={siteName} audio={audio} changeAudio={changeAudio} />
      );
    }
    if (state.phase === "ended") {
      return (
        <EndCard
          state={state}
          session={session}
          callAgain={() => call(withoutMicrophone)}
          key={state.callId}
        />
      );
    }
    if (state.phase === "failed" && state.failure) {
      return (
        <CallFailed
          failure={state.failure}
          tryAgain={() => call(withoutMicrophone)}
          back={() => session.reset()}
          key={state.endedAtMs}
        />
      );
    }
    return (
      <Start
        sites={slug ? [site] : (sites.sites as Site[])}
        site={site}
        choose={setLastSlug}
        asking={state.phase === "microphone"}
        problem={state.microphoneProblem}
        call={call}
        cancel={() => void session.hangUp()}
        audio={audio}
        changeAudio={changeAudio}
      />
    );
  }
}

function Loading() {
  const { t } = useTranslation();
  return (
    <p className="loading" role="status">
      {t("sites.loading")}
    </p>
  );
}

function NobodyHere({ unknown }: { unknown: boolean }) {
  const { t } = useTranslation();
  if (!unknown) return <Message icon="phone" title={t("sites.none")} />;
  return (
    <Message icon="phone" title={t("sites.unknown")} text={t("sites.unknownHint")}>
      <Link href="/" className="button button-primary">
        {t("sites.all")}
      </Link>
    </Message>
  );
}
