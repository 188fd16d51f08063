/** The transcript as the caller reads it. */

import { useTranslation } from "react-i18next";
import type { CallState } from "../call/machine";
import { Transcript } from "../ui/Transcript";

export function Conversation({ state }: { state: CallState }) {
  const { t } = useTranslation();
  const names = {
    caller: t("transcript.you"),
    agent: t("transcript.agent"),
    advisor: t("transcript.advisor"),
    supervisor: t("transcript.supervisor"),
    notice: t("transcript.notice"),
  };
  return (
    <Transcript
      lines={state.lines}
      names={names}
      empty={state.phase === "live" ? t("transcript.emptyLive") : t("transcript.empty")}
      pending={state.pending}
      speakingSeq={state.speakingSeq}
    />
  );
}
