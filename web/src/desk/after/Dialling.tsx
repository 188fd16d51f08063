/** A callback that the agent dials: pressed once, then how far it is. Whoever answers rings at this desk. */

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Dialled, deskApi } from "../api";
import { deskSession } from "../session";

/** It rings for 40 s at most, and whoever answers is listened to for some seconds. */
const LOOK_EVERY_MS = 1_500;

const NOT_DIALLED = [
  "do_not_call",
  "not_now",
  "not_allowed",
  "too_many_calls",
  "no_line",
  "no_room",
  "no_number",
];
const REACHED_NOT = ["busy", "no_answer", "rejected", "unreachable"];

export function Dialling({ id, busy }: { id: string; busy: boolean }) {
  const { t } = useTranslation();
  const [dialled, setDialled] = useState<Dialled | null>(null);
  const rings = dialled !== null && dialled.result === null;

  useEffect(() => {
    if (!rings) return;
    const timer = window.setInterval(() => {
      deskApi.dial(id).then(setDialled, () => undefined);
    }, LOOK_EVERY_MS);
    return () => window.clearInterval(timer);
  }, [id, rings]);

  if (dialled === null) {
    return (
      <button
        type="button"
        className="button"
        onClick={() => void deskSession.dial(id).then(setDialled)}
        disabled={busy}
      >
        {t("desk.dial.press")}
      </button>
    );
  }
  return <p role="status">{t(`desk.dial.${wordOf(dialled)}`)}</p>;
}

function wordOf({ result, handoff_id }: Dialled) {
  if (result === null) return "rings";
  if (result === "answered") return handoff_id === null ? "gone" : "answered";
  if (result === "busy" || result === "no_answer" || result === "machine") return result;
  if (REACHED_NOT.includes(result)) return "unreachable";
  return NOT_DIALLED.includes(result) ? "notDialled" : "unknown";
}
