/** Somebody who writes, read along: there is nothing to hear. */

import { useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type TranscriptLine, withWords } from "../../call/transcript";
import { live } from "../../live/socket";
import { staffApi } from "../../staff/api";
import { useFresh } from "../../staff/useFresh";
import type { SpeakerNames } from "../../ui/speaker";
import { Transcript } from "../../ui/Transcript";

export function ReadAlong({ callId, names }: { callId: string; names: SpeakerNames }) {
  const { t } = useTranslation();
  const read = useCallback(
    async (signal: AbortSignal) =>
      (await staffApi.call(callId, signal)).turns.reduce<readonly TranscriptLine[]>(
        (lines, turn) => withWords(lines, { ...turn, final: true }),
        [],
      ),
    [callId],
  );
  const { value: lines, again } = useFresh(read, null);
  const look = useRef(again);
  useEffect(() => {
    look.current = again;
  });
  useEffect(
    () =>
      live.listen((event) => {
        const ours = event.type === "ready" || (event.type === "changed" && event.callId === callId);
        // "all": more has changed than was named one by one.
        if (ours || (event.type === "changed" && event.what === "all")) look.current();
      }),
    [callId],
  );
  return (
    <div className="watch-words">
      <Transcript lines={lines ?? []} names={names} empty={t("desk.written.empty")} />
    </div>
  );
}
