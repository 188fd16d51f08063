/** A call while it runs: who speaks, what was said, and everything that the caller can do. */

import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AudioChoice } from "../call/audio";
import { type CallState, isTalking } from "../call/machine";
import { TEXT_MAX_CHARS } from "../call/protocol";
import type { CallSession } from "../call/session";
import { Composer } from "../ui/Composer";
import { Icon } from "../ui/Icon";
import { AudioSettings } from "./AudioSettings";
import { CallTimer } from "./CallTimer";
import { Controls } from "./Controls";
import { Conversation } from "./Conversation";
import { HangUpDialog } from "./HangUpDialog";
import { Keypad } from "./Keypad";
import { LevelMeter } from "./LevelMeter";
import { Orb } from "./Orb";
import { useShortcuts } from "./useShortcuts";
import { Waiting } from "./Waiting";

interface CallViewProps {
  state: CallState;
  session: CallSession;
  name: string;
  audio: AudioChoice;
  changeAudio: (audio: AudioChoice) => void;
}

export type Panel = "keypad" | "settings" | null;

export function CallView({ state, session, name, audio, changeAudio }: CallViewProps) {
  const { t } = useTranslation();
  const [panel, setPanel] = useState<Panel>(null);
  const [asking, setAsking] = useState(false);
  const [readCaller] = useState(() => () => session.callerLevel());
  const heading = useRef<HTMLHeadingElement>(null);
  const live = state.phase === "live";

  // The button that started the call is gone; without this a keyboard starts again at the top of the page.
  useEffect(() => heading.current?.focus(), []);
  useShortcuts({
    mute: () => isTalking(state) && !state.withoutMicrophone && session.mute(!state.muted),
    keypad: () => isTalking(state) && setPanel(panel === "keypad" ? null : "keypad"),
    escape: () => (panel ? setPanel(null) : isTalking(state) ? setAsking(true) : void session.hangUp()),
    digit: panel === "keypad" ? (digit) => session.press(digit) : null,
  });

  return (
    <div className="call">
      <section className="call-stage" aria-label={name}>
        <header className="call-title">
          <h1 ref={heading} tabIndex={-1}>
            {name}
          </h1>
          <p className={`call-phase call-phase-${state.phase}`} role="status">
            {phaseText()}
          </p>
          {state.startedAtMs !== null && (
            <CallTimer startedAtMs={state.startedAtMs} session={session} live={live} />
          )}
        </header>
        <Orb state={state} session={session} />
        {state.with.company === "held" && <Waiting state={state} press={(digit) => session.press(digit)} />}
        {state.recording && (
          <div className="call-recording">
            <span className="call-recording-dot" aria-hidden="true" />
            <span role="status">{t("call.recording")}</span>
            <button type="button" className="button button-quiet" onClick={() => session.stopRecording()}>
              {t("call.stopRecording")}
            </button>
          </div>
        )}
        {!state.withoutMicrophone && isTalking(state) && (
          <div className="call-level">
            <Icon name={state.muted ? "microphoneOff" : "microphone"} />
            <LevelMeter read={readCaller} label={t("settings.level")} />
          </div>
        )}
        {state.withoutMicrophone && <p className="hint call-text-only">{t("call.textOnly")}</p>}
      </section>
      <section className="call-talk" aria-label={t("transcript.title")}>
        <Conversation state={state} />
        <Composer
          label={t("transcript.type")}
          longest={TEXT_MAX_CHARS}
          enabled={live}
          send={(text) => {
            session.say(text);
            return true;
          }}
        />
      </section>
      <div className="call-controls">
        {panel === "keypad" && (
          <Keypad
            pressed={state.dialled}
            press={(digit) => session.press(digit)}
            close={() => setPanel(null)}
          />
        )}
        {panel === "settings" && (
          <div className="panel">
            <AudioSettings audio={audio} change={changeAudio} level={readCaller} />
          </div>
        )}
        <Controls
          state={state}
          panel={panel}
          toggle={(wanted) => setPanel(panel === wanted ? null : wanted)}
          mute={() => session.mute(!state.muted)}
          person={() => session.press("0")}
          hangUp={() => void session.hangUp()}
        />
        <p className="hint call-shortcuts">{t("call.shortcuts")}</p>
      </div>
      <HangUpDialog open={asking} close={() => setAsking(false)} hangUp={() => void session.hangUp()} />
    </div>
  );

  function phaseText(): string {
    if (state.phase === "reconnecting") return t("call.reconnecting");
    if (!live) return t("call.connecting");
    if (state.with.company === "held") return t("call.held");
    if (state.with.company !== "bridged") return t("call.live");
    const { advisor } = state.with;
    return advisor ? t("call.bridgedWith", { name: advisor }) : t("call.bridged");
  }
}
