/** The staff's pages, by what the role may see; a desk that is open shows beside its name how it stands. */

import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { AGENT_PATHS } from "../agent/Agent";
import { deskSession } from "../desk/session";
import { useDesk, useLiveStanding } from "../desk/useDesk";
import { wasDesk } from "../live/tab";
import { Icon, type IconName } from "../ui/Icon";
import { covers, type Role, type StaffUser } from "./auth";

/** In their order; a page of its own is a line here, one in Staff.tsx and one in App.tsx. */
const PAGES = [
  { path: "/calls", title: "calls.title", icon: "calls", least: "viewer" },
  { path: "/desk", title: "desk.title", icon: "headset", least: "advisor" },
  { path: "/board", title: "board.nav", icon: "board", least: "supervisor" },
  { path: "/campaigns", title: "campaigns.title", icon: "phone", least: "supervisor" },
  { path: "/knowledge", title: "agent.title", icon: "robot", least: "admin" },
  { path: "/team", title: "team.title", icon: "people", least: "admin" },
] as const satisfies { path: string; title: string; icon: IconName; least: Role }[];

export function Navigation({ user }: { user: StaffUser }) {
  const { t } = useTranslation();
  const [location] = useLocation();
  const takesCalls = covers(user.role, "advisor");
  // Wherever among the pages an open desk is reloaded, calls go on ringing there.
  useEffect(() => {
    if (takesCalls && wasDesk()) deskSession.start();
  }, [takesCalls]);
  return (
    <nav className="nav" aria-label={t("nav.title")}>
      {PAGES.filter(({ least }) => covers(user.role, least)).map(({ path, title, icon }) => {
        const places = path === "/knowledge" ? AGENT_PATHS : [path];
        const here = places.some((place) => location === place || location.startsWith(`${place}/`));
        return (
          <Link key={path} href={path} className="nav-link" aria-current={here ? "page" : undefined}>
            <Icon name={icon} />
            <span className="nav-word">{t(title)}</span>
            {path === "/desk" && <Standing />}
          </Link>
        );
      })}
    </nav>
  );
}

function Standing() {
  const { t } = useTranslation();
  const { desk } = useDesk();
  const elsewhere = useLiveStanding() === "replaced";
  if (desk === null || elsewhere) return null;
  const { state } = desk.presence;
  return (
    <span className={`nav-dot nav-dot-${state}`}>
      <span className="visually-hidden">{t(`desk.presence.state.${state}`)}</span>
    </span>
  );
}
