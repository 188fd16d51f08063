/** One's own line in the call: hear it, and choose who hears oneself. Each choice says plainly who hears what. */

import { useTranslation } from "react-i18next";
import type { JoinedState } from "../../join/machine";
import { Icon } from "../../ui/Icon";
import type { Mode } from "../api";
import { hearing, type With } from "../view";
import type { Watch, WatchState } from "./watch";

interface EarProps {
  watch: Watch;
  state: WatchState;
  joined: JoinedState;
  who: With;
  advisor: string | null;
  isLive: boolean;
}

const MODES: readonly Mode[] = ["listen", "whisper", "talk"];
const DOTS = { opening: "connecting", live: "live", again: "reconnecting", over: "over" } as const;

export function Ear({ watch, state, joined, who, advisor, isLive }: EarProps) {
  const { t } = useTranslation();
  if (state.line === null || joined.link === "over") {
    return (
      <div className="ear">
        {state.line !== null && (
          <p className="call-phase" role="status">
            {t(`board.lineOver.${joined.over ?? "ended"}`)}
          </p>
        )}
        {isLive && (
          <>
            <button type="button" className="button button-primary" onClick={() => watch.listen()}>
              <Icon name="headset" />
              {t("board.listen")}
              <kbd>L</kbd>
            </button>
            <p className="hint">{t("board.hears.before")}</p>
          </>
        )}
      </div>
    );
  }
  const said = hearing(state.mode, who);
  const name = advisor ?? t("transcript.advisor");
  return (
    <div className="ear ear-open">
      <div className="ear-top">
        <p className={`call-phase call-phase-${DOTS[joined.link]}`} role="status">
          {joined.link === "live" ? t(`board.live.${state.mode}`) : t(`board.link.${joined.link}`)}
        </p>
        {joined.recording && <span className="badge badge-bad">{t("desk.talk.recording")}</span>}
        <button type="button" className="button" onClick={() => watch.stop()}>
          {t("board.stop")}
          <kbd>L</kbd>
        </button>
      </div>
      <fieldset className="segments ear-modes" disabled={state.doing === "mode" || joined.link !== "live"}>
        <legend className="visually-hidden">{t("board.whoHears")}</legend>
        {MODES.map((mode) => (
          <label key={mode}>
            <input
              type="radio"
              name="mode"
              checked={state.mode === mode}
              disabled={mode === "whisper" && who !== "person"}
              onChange={() => void watch.change(mode)}
            />
            <span>
              {t(`board.mode.${mode}`)}
              <kbd>{KEYS[mode]}</kbd>
            </span>
          </label>
        ))}
      </fieldset>
      <p className={`ear-hears ear-${state.mode}`} role="status">
        <Icon name={state.mode === "listen" ? "microphoneOff" : "microphone"} />
        {t(`board.hears.${said}`, { name })}
      </p>
      {state.mode !== "listen" && (
        <button
          type="button"
          className="button"
          aria-pressed={joined.muted}
          onClick={() => state.line?.mute(!joined.muted)}
        >
          <Icon name={joined.muted ? "microphoneOff" : "microphone"} />
          {joined.muted ? t("desk.talk.unmute") : t("desk.talk.mute")}
          <kbd>M</kbd>
        </button>
      )}
      {joined.microphoneProblem !== null && state.mode !== "listen" && (
        <p className="field-error" role="alert">
          {t("board.deaf")} {t(`problem.${joined.microphoneProblem}.title`)}
        </p>
      )}
    </div>
  );
}

const KEYS: Record<Mode, string> = { listen: "S", whisper: "W", talk: "B" };
