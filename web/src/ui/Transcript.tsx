/** What all sides said: interim words grey, final ones black, each line in its own language's direction. */

import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Typed } from "../call/machine";
import type { TranscriptLine } from "../call/transcript";
import { DeliveryMark } from "./DeliveryMark";
import { Icon } from "./Icon";
import { isSameSpeaker, type Reader, type SpeakerNames, speakerOf } from "./speaker";

/** Scrolled up by more than this, the reader is reading; don't pull them down. */
const AT_END_PX = 60;

const NONE: readonly Typed[] = [];

interface TranscriptProps {
  lines: readonly TranscriptLine[];
  names: SpeakerNames;
  /** Who reads, where that is somebody who speaks in it by name. */
  reader?: Reader | null;
  /** What stands there while nothing was said. */
  empty: string;
  /** What was typed and is on its way. */
  pending?: readonly Typed[];
  /** The agent's turn that is being spoken; its words may come only when it is over. */
  speakingSeq?: number | null;
}

export function Transcript(props: TranscriptProps) {
  const { lines, names, reader = null, empty, pending = NONE, speakingSeq = null } = props;
  const { t } = useTranslation();
  const sending = pending.filter(({ echoed }) => !echoed);
  const list = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const speakingNow = speakingSeq !== null && !lines.some((line) => line.key === `agent-${speakingSeq}`);

  // biome-ignore lint/correctness/useExhaustiveDependencies: follows every change of the words.
  useEffect(() => {
    if (atEnd && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [lines, pending, speakingNow, atEnd]);

  const toEnd = () => list.current?.scrollTo({ top: list.current.scrollHeight });
  const watch = () => {
    const box = list.current;
    if (box) setAtEnd(box.scrollHeight - box.scrollTop - box.clientHeight < AT_END_PX);
  };

  const nothing = lines.length === 0 && sending.length === 0 && !speakingNow;
  return (
    <div className="transcript">
      <div
        className="transcript-lines"
        ref={list}
        onScroll={watch}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t("transcript.title")}
      >
        {nothing && <p className="transcript-empty">{empty}</p>}
        {lines.map((line, position) => (
          <Words
            key={line.key}
            line={line}
            name={speakerOf(line, names, reader)}
            follows={isSameSpeaker(line, lines[position - 1])}
          />
        ))}
        {speakingNow && (
          <div className="line line-agent line-interim">
            <span className="line-who">{names.agent}</span>
            <p className="line-words line-dots" role="img" aria-label={t("call.agent")}>
              <i />
              <i />
              <i />
            </p>
          </div>
        )}
        {sending.map(({ id, text }) => (
          <div className="line line-caller line-interim" key={id}>
            <p className="line-words" dir="auto">
              {text}
            </p>
            <span className="line-note">{t("transcript.sending")}</span>
          </div>
        ))}
      </div>
      {!atEnd && (
        <button type="button" className="button transcript-latest" onClick={toEnd}>
          <Icon name="down" />
          {t("transcript.latest")}
        </button>
      )}
      <Spoken lines={lines} name={(line) => speakerOf(line, names, reader)} />
    </div>
  );
}

function Words({ line, name, follows }: { line: TranscriptLine; name: string; follows: boolean }) {
  const { t } = useTranslation();
  if (line.speaker === "notice") {
    return (
      <p className="line-notice" dir="auto">
        {line.text}
      </p>
    );
  }
  const grey = line.final ? "" : "line-interim";
  return (
    <div className={`line line-${line.speaker} ${grey}`} data-final={line.final} data-seq={line.seq}>
      <span className={follows ? "line-who visually-hidden" : "line-who"}>{name}</span>
      <p className="line-words" dir="auto" lang={line.language || undefined}>
        {line.text}
      </p>
      {line.delivery && <DeliveryMark delivery={line.delivery} />}
      {line.interrupted && (
        <span className="line-note">
          <Icon name="cut" />
          {t("transcript.interrupted")}
        </span>
      )}
    </div>
  );
}

/** What screen readers announce: finished lines only, since interim words would be read again and again. */
function Spoken({
  lines,
  name,
}: {
  lines: readonly TranscriptLine[];
  name: (line: TranscriptLine) => string;
}) {
  return (
    <div className="visually-hidden" aria-live="polite" aria-atomic="false">
      {lines
        .filter((line) => line.final)
        .slice(-4)
        .map((line) => (
          <p key={line.key} lang={line.language || undefined}>
            {name(line)}: {line.text}
          </p>
        ))}
    </div>
  );
}
