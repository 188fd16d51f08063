/** Who is speaking, as one shape that moves with the voices; the words beneath say the same. */

import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallState } from "../call/machine";
import type { CallSession } from "../call/session";
import { useLevel } from "./useLevel";

type Mood = "waiting" | "lost" | "muted" | "thinking" | "listening" | "caller" | "agent" | "contested";

function moodOf(state: CallState): Mood {
  if (state.phase === "reconnecting") return "lost";
  if (state.phase !== "live") return "waiting";
  if (state.floor === "agent" || state.floor === "contested") return state.floor;
  if (state.thinking) return "thinking";
  if (state.floor === "caller") return "caller";
  return state.muted ? "muted" : "listening";
}

export function Orb({ state, session }: { state: CallState; session: CallSession }) {
  const { t } = useTranslation();
  const orb = useRef<HTMLDivElement>(null);
  const [readCaller] = useState(() => () => session.callerLevel());
  const [readAgent] = useState(() => () => session.agentLevel());
  useLevel(orb, "--caller-level", readCaller);
  useLevel(orb, "--agent-level", readAgent);
  const mood = moodOf(state);
  const words: Record<Mood, string> = {
    waiting: "",
    lost: "",
    muted: t("call.mutedNow"),
    thinking: t("call.thinking"),
    listening: t("call.listening"),
    caller: t("call.caller"),
    agent: t("call.agent"),
    contested: t("call.contested"),
  };
  return (
    <div className="orb-stage">
      <div className={`orb orb-${mood}`} ref={orb} aria-hidden="true">
        <span className="orb-ring" />
        <span className="orb-ring" />
        <span className="orb-ring" />
        <span className="orb-heart" />
      </div>
      <p className={`orb-words orb-words-${mood}`} data-floor={state.floor}>
        {words[mood]}
      </p>
    </div>
  );
}
