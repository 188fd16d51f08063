/** Where the time of each answer went: one bar a turn, one colour a stage, apart by what it needed; in numbers too. */

import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { milliseconds } from "../../ui/format";
import type { Turn } from "../api";
import {
  type Bar,
  barsOf,
  colourOf,
  type Group,
  groupsOf,
  guessedIn,
  inOrder,
  type KnownStage,
  STAGE_ORDER,
  scaleOf,
} from "./stages";

const isKnown = (stage: string): stage is KnownStage => STAGE_ORDER.some((known) => known === stage);

/** Positions on the chart as CSS variables, so that the stylesheet decides which side time starts on. */
const at = (variables: Record<string, string | number>): CSSProperties => variables as CSSProperties;

export function Waterfall({ turns }: { turns: Turn[] }) {
  const { t, i18n } = useTranslation();
  const bars = barsOf(turns);
  const stages = inOrder(bars.flatMap((bar) => bar.segments.map((segment) => segment.stage)));
  const { endMs, ticks } = scaleOf(bars);
  const { words, sentences } = guessedIn(turns);
  if (bars.length === 0) return <p className="hint">{t("detail.noLatency")}</p>;
  const nameOf = (stage: string) =>
    isKnown(stage) ? t(`detail.stage.${stage}`) : stage.replaceAll("_", " ");
  return (
    <>
      <p className="hint">{t("detail.latencyLead")}</p>
      <ul className="legend" aria-label={t("detail.stages")}>
        {stages.map((stage) => (
          <li key={stage}>
            <i className={`stage-${colourOf(stage)}`} />
            {nameOf(stage)}
          </li>
        ))}
      </ul>
      <table className="waterfall">
        <thead className="visually-hidden">
          <tr>
            <th scope="col">{t("detail.answer")}</th>
            <th scope="col">{t("detail.stages")}</th>
            <th scope="col">{t("detail.total")}</th>
          </tr>
        </thead>
        {groupsOf(bars).map((group) => (
          <tbody key={group.need} className={`waterfall-${group.need}`}>
            <GroupHead group={group} />
            {group.bars.map((bar) => (
              <tr key={`${bar.lease}-${bar.seq}`}>
                <th scope="row">{bar.seq}</th>
                <td className="waterfall-track">
                  <Track bar={bar} endMs={endMs} ticks={ticks} nameOf={nameOf} />
                </td>
                <td className="waterfall-total">{milliseconds(bar.totalMs, i18n.language)}</td>
              </tr>
            ))}
          </tbody>
        ))}
        <tfoot aria-hidden="true">
          <tr>
            <td />
            <td className="waterfall-axis">
              {ticks.map((tick) => (
                <span key={tick} style={at({ "--from": tick / endMs })}>
                  {tick / 1000}
                </span>
              ))}
            </td>
            <td>{t("detail.seconds")}</td>
          </tr>
        </tfoot>
      </table>
      {(words.begun > 0 || sentences.begun > 0) && (
        <p className="hint">
          {t("detail.guessed", {
            words: words.begun,
            wordsLost: words.thrownAway,
            sentences: sentences.begun,
            sentencesLost: sentences.thrownAway,
          })}
        </p>
      )}
    </>
  );
}

/** What the answers of a group needed, and the figures of their waits. */
function GroupHead({ group }: { group: Group }) {
  const { t, i18n } = useTranslation();
  const { p50Ms, p95Ms } = group;
  return (
    <tr className="waterfall-group">
      <th scope="rowgroup" colSpan={3}>
        <b>{t(`detail.need.${group.need}`)}</b>
        {p50Ms !== null && p95Ms !== null && (
          <span>
            {t("detail.figures", {
              p50: milliseconds(p50Ms, i18n.language),
              p95: milliseconds(p95Ms, i18n.language),
            })}
          </span>
        )}
      </th>
    </tr>
  );
}

interface TrackProps {
  bar: Bar;
  endMs: number;
  ticks: number[];
  nameOf: (stage: string) => string;
}

function Track({ bar, endMs, ticks, nameOf }: TrackProps) {
  const { i18n } = useTranslation();
  return (
    <>
      {ticks.map((tick) => (
        <i key={tick} className="waterfall-tick" style={at({ "--from": tick / endMs })} />
      ))}
      {bar.segments.map((segment) => {
        const said = `${nameOf(segment.stage)}: ${milliseconds(segment.ms, i18n.language)}`;
        return (
          <span
            key={segment.stage}
            className={`waterfall-bar stage-${colourOf(segment.stage)}`}
            style={at({ "--from": segment.startMs / endMs, "--wide": segment.ms / endMs })}
            title={said}
          >
            <span className="visually-hidden">{said}; </span>
          </span>
        );
      })}
    </>
  );
}
