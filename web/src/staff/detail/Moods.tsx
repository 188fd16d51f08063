/** The caller's mood over the call, marked as the estimate that it is. */

import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { toneOf } from "../../desk/view";
import { wordFor } from "../../desk/words";
import { clock } from "../../ui/format";
import type { MoodTold, Turn } from "../api";
import { stretches } from "./story";

interface MoodsProps {
  moods: readonly MoodTold[];
  turns: readonly Turn[];
}

/** Nothing at all for a caller who said nothing that can be read. */
export function Moods({ moods, turns }: MoodsProps) {
  const { t, i18n } = useTranslation();
  if (moods.length === 0) return null;
  return (
    <section className="card" aria-labelledby="moods-title">
      <h2 id="moods-title">
        {t("desk.brief.mood")} <small className="hint">({t("desk.brief.estimate")})</small>
      </h2>
      <div className="moods-strip" aria-hidden="true">
        {stretches(moods, turns).map(({ at_ms, mood, share }) => (
          <i
            key={at_ms}
            className={`mood-dot-${toneOf(mood)}`}
            style={{ "--share": share } as CSSProperties}
          />
        ))}
      </div>
      <ol className="moods">
        {moods.map(({ at_ms, mood, because }) => (
          <li key={at_ms}>
            <time className="turn-time" dir="ltr">
              {clock(at_ms)}
            </time>
            <span className={`mood mood-${toneOf(mood)}`}>{wordFor(t, i18n, "mood", mood)}</span>
            {because.length > 0 && (
              <span className="hint">
                {t("desk.brief.because", {
                  evidence: because
                    .map((code) => wordFor(t, i18n, "evidence", code))
                    .join(t("desk.brief.and")),
                })}
              </span>
            )}
          </li>
        ))}
      </ol>
      <p className="hint moods-note">{t("story.moodNote")}</p>
    </section>
  );
}
