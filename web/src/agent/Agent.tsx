/** What an administrator gives the agent to work with: what it knows, and whose systems it reaches. */

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";

/** In their order; the first is where the way between the pages leads. */
const PARTS = [
  { path: "/knowledge", title: "agent.knowledge.title" },
  { path: "/tools", title: "agent.tools.title" },
  { path: "/connections", title: "agent.connections.title" },
  { path: "/voices", title: "voices.title" },
] as const;

export const AGENT_PATHS: readonly string[] = PARTS.map(({ path }) => path);

export function Agent({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [location] = useLocation();
  return (
    <div className="team">
      <div className="list-top">
        <div>
          <h1>{t("agent.title")}</h1>
          <p className="lead">{t("agent.lead")}</p>
        </div>
        <nav className="parts" aria-label={t("agent.title")}>
          {PARTS.map(({ path, title }) => (
            <Link key={path} href={path} aria-current={location === path ? "page" : undefined}>
              {t(title)}
            </Link>
          ))}
        </nav>
      </div>
      {children}
    </div>
  );
}
