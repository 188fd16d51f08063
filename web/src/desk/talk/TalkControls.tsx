/** The buttons of an advisor's call. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type AudioChoice, audioFrom } from "../../call/audio";
import type { JoinedCall } from "../../join/joined";
import type { JoinedState } from "../../join/machine";
import { AudioSettings } from "../../softphone/AudioSettings";
import { Control } from "../../ui/Control";
import type { IconName } from "../../ui/Icon";
import { useStored } from "../../ui/useStored";
import { WAYS, type Way } from "./Leaving";

interface TalkControlsProps {
  call: JoinedCall | null;
  joined: JoinedState;
  mute: () => void;
  leave: (way: Way) => void;
  busy: boolean;
}

export const ICONS: Record<Way, IconName> = { giveBack: "robot", requeue: "user", finish: "hangUp" };

export function TalkControls({ call, joined, mute, leave, busy }: TalkControlsProps) {
  const { t } = useTranslation();
  const [audio, setAudio] = useStored("hatif.audio", audioFrom);
  const [open, setOpen] = useState(false);
  const change = (next: AudioChoice) => {
    if (next.speakerId !== audio.speakerId) void call?.chooseSpeaker(next.speakerId);
    if (next.microphoneId !== audio.microphoneId) void call?.chooseMicrophone(next);
    setAudio(next);
  };
  return (
    <div className="call-controls talk-controls">
      {open && (
        <div className="panel">
          <AudioSettings audio={audio} change={change} level={call?.level ?? null} />
          {joined.microphoneProblem !== null && (
            <button type="button" className="button" onClick={() => void call?.chooseMicrophone(audio)}>
              {t("desk.microphone.again")}
            </button>
          )}
        </div>
      )}
      <div className="controls">
        <Control
          icon={joined.muted ? "microphoneOff" : "microphone"}
          label={joined.muted ? t("desk.talk.unmute") : t("desk.talk.mute")}
          pressed={joined.muted}
          disabled={call === null}
          press={mute}
        />
        <Control
          icon="sliders"
          label={t("desk.talk.sound")}
          expanded={open}
          disabled={call === null}
          press={() => setOpen(!open)}
        />
        {WAYS.map((way) => (
          <Control
            key={way}
            icon={ICONS[way]}
            label={t(`desk.talk.${way}`)}
            danger={way === "finish"}
            disabled={busy}
            press={() => leave(way)}
          />
        ))}
      </div>
      <p className="hint call-shortcuts">{t("desk.talk.shortcuts")}</p>
    </div>
  );
}
