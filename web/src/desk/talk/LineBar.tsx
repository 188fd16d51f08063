/** How the line stands: who hears whom, for how long, and who else is there. */

import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { JoinedState } from "../../join/machine";
import { clock } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import type { Handoff } from "../api";
import { useServerNow } from "../useDesk";
import { supervisorsOf } from "../view";

interface LineBarProps {
  handoff: Handoff;
  joined: JoinedState;
  heading: RefObject<HTMLHeadingElement | null>;
}

export function LineBar({ handoff, joined, heading }: LineBarProps) {
  const { t } = useTranslation();
  const nowS = useServerNow(500);
  const sinceS = handoff.joined_at ?? handoff.accepted_at;
  return (
    <header className="line-bar">
      <h2 id="talk-title" ref={heading} tabIndex={-1}>
        {t("desk.talk.title")}
      </h2>
      <p className={`call-phase call-phase-${DOTS[joined.link]}`} role="status">
        {linkText()}
      </p>
      {sinceS !== null && (
        <span className="call-timer" role="timer" aria-label={t("desk.talk.timer")}>
          <span dir="ltr">{clock((nowS - sinceS) * 1000)}</span>
        </span>
      )}
      <span className="line-bar-marks" role="status">
        {joined.muted && joined.link === "live" && (
          <span className="badge badge-warm">{t("desk.talk.muted")}</span>
        )}
        {joined.recording && <span className="badge badge-bad">{t("desk.talk.recording")}</span>}
        {supervisorsOf(joined.parties).map(({ mode, name }) => (
          <span key={`${mode}/${name}`} className={mode === "listen" ? "badge" : "badge badge-warm"}>
            <Icon name={mode === "listen" ? "headset" : "microphone"} />
            {t(`desk.talk.supervisor.${mode}`, { name: name ?? t("desk.talk.someSupervisor") })}
          </span>
        ))}
      </span>
    </header>
  );

  function linkText(): string {
    if (joined.link === "over") {
      return joined.over === "replaced" || joined.over === "refused"
        ? t(`desk.talk.${joined.over}`)
        : t("desk.talk.over");
    }
    if (joined.link === "live") return joined.company === "held" ? t("desk.talk.held") : t("desk.talk.live");
    return t(`desk.talk.${joined.link}`);
  }
}

const DOTS = { opening: "connecting", live: "live", again: "reconnecting", over: "over" } as const;
