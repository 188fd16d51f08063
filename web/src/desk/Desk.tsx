/** The desk: where one stands, what rings, the caller one has, what came of the last one, and what else is to be done. */

import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../ui/Icon";
import { Message } from "../ui/Message";
import { Callbacks } from "./after/Callbacks";
import { History } from "./after/History";
import { WrapUp } from "./after/WrapUp";
import { Idle } from "./Idle";
import { Offer } from "./offer/Offer";
import { PresenceBar } from "./PresenceBar";
import { Refusal } from "./Refusal";
import { type DeskState, deskSession } from "./session";
import { Tasks } from "./Tasks";
import { Talk } from "./talk/Talk";
import { WrittenTalk } from "./talk/WrittenTalk";
import { useDesk, useLiveStanding, useServerNow } from "./useDesk";
import { isWritten, modeOf } from "./view";
import { WaitingCallers } from "./WaitingCallers";

export function Desk() {
  const { t } = useTranslation();
  const state = useDesk();
  const standing = useLiveStanding();
  useEffect(() => deskSession.start(), []);

  if (standing === "refused") {
    return (
      <Message
        icon="warning"
        tone="warning"
        title={t("desk.refusedRole.title")}
        text={t("desk.refusedRole.text")}
      />
    );
  }
  if (standing === "replaced") {
    return (
      <Message icon="copy" title={t("desk.elsewhere.title")} text={t("desk.elsewhere.text")}>
        <button type="button" className="button button-primary" onClick={() => deskSession.takeOver()}>
          {t("desk.elsewhere.takeOver")}
        </button>
      </Message>
    );
  }
  if (state.desk === null) {
    if (!state.problem) return <p className="loading">{t("desk.loading")}</p>;
    return (
      <Message icon="warning" tone="warning" title={t("desk.failed")}>
        <button type="button" className="button button-primary" onClick={() => void deskSession.look()}>
          {t("error.again")}
        </button>
      </Message>
    );
  }
  return <OpenDesk state={state} desk={state.desk} away={standing === "waiting" || state.problem !== null} />;
}

function OpenDesk({
  state,
  desk,
  away,
}: {
  state: DeskState;
  desk: NonNullable<DeskState["desk"]>;
  away: boolean;
}) {
  const { t } = useTranslation();
  const mode = modeOf(desk, useServerNow(1000));
  return (
    <div className={`desk desk-${mode.is}`}>
      <PresenceBar state={state} desk={desk} />
      {away && (
        <p className="form-note" role="status">
          {t("desk.away")}
        </p>
      )}
      {state.silenced && mode.is === "ringing" && (
        <p className="form-note desk-note" role="status">
          {t("desk.silenced")}
          <button type="button" className="button button-quiet" onClick={() => void deskSession.letRing()}>
            {t("desk.unsilence")}
          </button>
        </p>
      )}
      {state.microphoneProblem !== null && mode.is !== "talking" && (
        <section className="trouble" role="alert">
          <Icon name="microphoneOff" />
          <div>
            <h2>{t(`problem.${state.microphoneProblem}.title`)}</h2>
            <button type="button" className="button" onClick={() => void deskSession.prepare()}>
              {t("desk.microphone.again")}
            </button>
          </div>
        </section>
      )}
      <Refusal state={state} />
      {mode.is === "ringing" && <Offer offer={mode.offer} desk={desk} doing={state.doing} />}
      {mode.is === "talking" && isWritten(mode.handoff) && (
        <WrittenTalk key={mode.handoff.handoff_id} handoff={mode.handoff} desk={desk} doing={state.doing} />
      )}
      {mode.is === "talking" && !isWritten(mode.handoff) && (
        <Talk
          key={mode.handoff.handoff_id}
          handoff={mode.handoff}
          desk={desk}
          call={state.call}
          doing={state.doing}
        />
      )}
      {mode.is === "wrapping_up" && (
        <WrapUp
          key={`${mode.taken.handoff_id}/${mode.taken.number}`}
          taken={mode.taken}
          more={desk.wrap_ups.length - 1}
          doing={state.doing}
        />
      )}
      {mode.is === "idle" && <Idle desk={desk} />}
      {mode.is !== "talking" && mode.is !== "ringing" && (
        <div className="desk-rest">
          <Tasks tasks={state.tasks} doing={state.doing} />
          <WaitingCallers desk={desk} />
          <Callbacks desk={desk} doing={state.doing} />
          <History renewed={desk.wrap_ups.length} />
        </div>
      )}
    </div>
  );
}
