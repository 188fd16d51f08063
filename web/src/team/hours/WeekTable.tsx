/** A week's opening hours, day by day: any number of stretches, none is closed. */

import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/Icon";
import type { Stretch } from "../api";
import { dayName } from "./calendars";
import { Stretches } from "./Stretches";
import { DAYS, type Day, type Week } from "./week";

interface WeekTableProps {
  label: string;
  week: Week;
  /** In the order in which they are shown. */
  days: readonly Day[];
  weekend: readonly string[];
  tried: boolean;
  change: (week: Week) => void;
}

export function WeekTable({ label, week, days, weekend, tried, change }: WeekTableProps) {
  const { t, i18n } = useTranslation();
  const first = days.find((day) => week[day].length > 0);
  const set = (day: Day, stretches: Stretch[]) => change({ ...week, [day]: stretches });
  const spread = (from: Day) =>
    change(
      Object.fromEntries(
        DAYS.map((day) => [day, weekend.includes(day) ? week[day] : week[from].map((one) => ({ ...one }))]),
      ) as unknown as Week,
    );
  return (
    <table className="week" aria-label={label}>
      <tbody>
        {days.map((day) => {
          const name = dayName(DAYS.indexOf(day), i18n.language);
          return (
            <tr key={day} className={week[day].length === 0 ? "week-closed" : undefined}>
              <th scope="row">
                {name}
                {weekend.includes(day) && <small>{t("team.hours.weekendDay")}</small>}
              </th>
              <td>
                <Stretches
                  of={name}
                  stretches={week[day]}
                  none={t("team.hours.closed")}
                  tried={tried}
                  change={(stretches) => set(day, stretches)}
                />
                {day === first && !weekend.includes(day) && (
                  <button
                    type="button"
                    className="button button-quiet week-spread"
                    onClick={() => spread(day)}
                  >
                    <Icon name="copy" />
                    {t("team.hours.spread")}
                  </button>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
