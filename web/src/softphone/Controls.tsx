/** The row of buttons under a call. */

import { useTranslation } from "react-i18next";
import { type CallState, isTalking } from "../call/machine";
import { Control } from "../ui/Control";
import type { Panel } from "./CallView";

interface ControlsProps {
  state: CallState;
  panel: Panel;
  toggle: (panel: "keypad" | "settings") => void;
  mute: () => void;
  person: () => void;
  hangUp: () => void;
}

export function Controls({ state, panel, toggle, mute, person, hangUp }: ControlsProps) {
  const { t } = useTranslation();
  const talking = isTalking(state);
  return (
    <div className="controls">
      {!state.withoutMicrophone && (
        <Control
          icon={state.muted ? "microphoneOff" : "microphone"}
          label={state.muted ? t("call.unmute") : t("call.mute")}
          pressed={state.muted}
          disabled={!talking}
          press={mute}
        />
      )}
      <Control
        icon="keypad"
        label={t("call.keypad")}
        expanded={panel === "keypad"}
        disabled={!talking}
        press={() => toggle("keypad")}
      />
      <Control
        icon="sliders"
        label={t("call.audio")}
        expanded={panel === "settings"}
        disabled={!talking}
        press={() => toggle("settings")}
      />
      <Control
        icon="user"
        label={t("call.person")}
        disabled={state.phase !== "live" || state.with.company !== "converse"}
        press={person}
      />
      <Control icon="hangUp" label={talking ? t("call.hangUp") : t("call.cancel")} danger press={hangUp} />
    </div>
  );
}
