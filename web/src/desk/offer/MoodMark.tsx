/** A caller's mood, marked as the estimate that it is: the latest one, where it is going, and what it rests on. */

import { useTranslation } from "react-i18next";
import type { Brief } from "../api";
import { evidenceOf, toneOf, trendOf } from "../view";
import { wordFor } from "../words";

const ARROWS = { better: "↗", same: "→", worse: "↘" } as const;
/** As many as can be told apart at a glance. */
const SHOWN = 8;

export function MoodMark({ brief, mood }: { brief: Brief; mood: string }) {
  const { t, i18n } = useTranslation();
  const trend = trendOf(brief.moods);
  const evidence = evidenceOf(brief).map((code) => wordFor(t, i18n, "evidence", code));
  return (
    <>
      <dd>
        <span className={`mood mood-${toneOf(mood)}`}>{wordFor(t, i18n, "mood", mood)}</span>
        {brief.moods.length > 1 && (
          <>
            {/* Time runs from left to right here in both languages, like the arrow. */}
            <span className="mood-course" aria-hidden="true" dir="ltr">
              {brief.moods.slice(-SHOWN).map(({ mood: one, at_ms }) => (
                <i key={at_ms} className={`mood-dot mood-dot-${toneOf(one)}`} />
              ))}
              {ARROWS[trend]}
            </span>
            <span className="mood-trend">{t(`desk.brief.trend.${trend}`)}</span>
          </>
        )}
      </dd>
      {evidence.length > 0 && (
        <dd className="mood-because hint">
          {t("desk.brief.because", { evidence: evidence.join(t("desk.brief.and")) })}
        </dd>
      )}
    </>
  );
}
