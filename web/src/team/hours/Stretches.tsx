/** From opening to closing, once or more often on one day. */

import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/Icon";
import type { Stretch } from "../api";
import { faultsOf, isTime, timeFrom } from "./week";

interface StretchesProps {
  /** Whose hours these are, for those who can't see the table. */
  of: string;
  stretches: readonly Stretch[];
  /** What is said while there are none. */
  none: string;
  tried: boolean;
  change: (stretches: Stretch[]) => void;
}

const FIRST: Stretch = { opens: "09:00", closes: "17:00" };

export function Stretches({ of, stretches, none, tried, change }: StretchesProps) {
  const { t } = useTranslation();
  const faults = faultsOf(stretches);
  const set = (index: number, part: Partial<Stretch>) =>
    change(stretches.map((one, place) => (place === index ? { ...one, ...part } : one)));
  return (
    <div className="stretches">
      {stretches.length === 0 && <span className="stretches-none">{none}</span>}
      {stretches.map((stretch, index) => {
        const fault = faults.get(index);
        const overnight =
          !fault && isTime(stretch.closes) && stretch.closes < stretch.opens && stretch.closes !== "00:00";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stretch has nothing of its own but its place.
          <div className="stretch" key={index}>
            <TimeBox
              label={t("team.hours.opensOf", { of })}
              value={stretch.opens}
              wrong={fault === "opens" || fault === "same" || fault === "overlaps"}
              change={(opens) => set(index, { opens })}
            />
            <span aria-hidden="true">–</span>
            <TimeBox
              label={t("team.hours.closesOf", { of })}
              value={stretch.closes}
              wrong={fault === "closes" || fault === "same"}
              change={(closes) => set(index, { closes })}
            />
            <button
              type="button"
              className="button button-quiet button-round"
              aria-label={t("team.hours.removeStretch", { of })}
              onClick={() => change(stretches.filter((_, place) => place !== index))}
            >
              <Icon name="close" />
            </button>
            {overnight && <small className="hint">{t("team.hours.nextDay")}</small>}
            {fault && (tried || fault === "overlaps" || fault === "same") && (
              <small className="field-error" role="alert">
                {t(`team.hours.fault.${fault}`)}
              </small>
            )}
          </div>
        );
      })}
      <button
        type="button"
        className="button button-quiet stretches-add"
        aria-label={t("team.hours.addOf", { of })}
        onClick={() => change([...stretches, FIRST])}
      >
        {t("team.hours.add")}
      </button>
    </div>
  );
}

interface TimeBoxProps {
  label: string;
  value: string;
  wrong: boolean;
  change: (value: string) => void;
}

/** No `type="time"`: that one has no 24:00, and shows am and pm where nobody writes them. */
export function TimeBox({ label, value, wrong, change }: TimeBoxProps) {
  return (
    <input
      className="time"
      dir="ltr"
      inputMode="numeric"
      autoComplete="off"
      maxLength={5}
      placeholder="09:00"
      aria-label={label}
      aria-invalid={wrong || undefined}
      value={value}
      onChange={(event) => change(event.target.value)}
      onBlur={() => change(timeFrom(value))}
      onKeyDown={(event) => event.key === "Enter" && change(timeFrom(value))}
    />
  );
}
