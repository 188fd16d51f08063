/** Who is at work, and how each of them stands. */

import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { clock } from "../ui/format";
import { useNow } from "../ui/useNow";
import type { AdvisorRow } from "./api";

const ORDER = ["ringing", "busy", "wrap_up", "ready", "away", "offline"] as const;

interface AdvisorsProps {
  advisors: readonly AdvisorRow[];
  skewS: number;
}

export function Advisors({ advisors, skewS }: AdvisorsProps) {
  const { t } = useTranslation();
  const nowS = useNow(1000) / 1000 + skewS;
  const sorted = advisors.toSorted(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name),
  );
  return (
    <section className="card" aria-labelledby="board-advisors">
      <h2 id="board-advisors">{t("board.advisors")}</h2>
      {sorted.length === 0 && (
        <p className="hint">
          {t("board.noAdvisors")} <Link href="/team/invite">{t("team.people.invite")}</Link>
        </p>
      )}
      <ul className="advisors">
        {sorted.map((advisor) => (
          <li key={advisor.id}>
            <span className={`nav-dot nav-dot-${advisor.state}`} aria-hidden="true" />
            <bdi>{advisor.name}</bdi>
            <span className="hint">
              {t(`board.presence.${advisor.state}`)}
              {advisor.since !== null && advisor.state !== "offline" && (
                <>
                  {" · "}
                  <span dir="ltr">{clock((nowS - advisor.since) * 1000)}</span>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
