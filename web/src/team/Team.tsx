/** What an administrator arranges: people, queues, what the company says of itself, and when it is open. */

import { useTranslation } from "react-i18next";
import { Link, Route, Switch, useLocation } from "wouter";
import { Company } from "./company/Company";
import { Hours } from "./hours/Hours";
import { Invite } from "./people/Invite";
import { People } from "./people/People";
import { PersonPage } from "./people/PersonPage";
import { QueuePage } from "./queues/QueuePage";
import { Queues } from "./queues/Queues";
import { TransferPage } from "./transfer/TransferPage";

const PARTS = [
  { path: "/team", title: "team.people.title" },
  { path: "/team/queues", title: "team.queues.title" },
  { path: "/team/company", title: "team.company.title" },
  { path: "/team/hours", title: "team.hours.title" },
  { path: "/team/transfer", title: "team.transfer.title" },
] as const;

export function Team() {
  const { t } = useTranslation();
  const [location] = useLocation();
  const isHere = (path: string) =>
    path === "/team"
      ? location === path || /^\/team\/(people|invite)(\/|$)/.test(location)
      : location === path || location.startsWith(`${path}/`);
  return (
    <div className="team">
      <div className="list-top">
        <div>
          <h1>{t("team.title")}</h1>
          <p className="lead">{t("team.lead")}</p>
        </div>
        <nav className="parts" aria-label={t("team.title")}>
          {PARTS.map(({ path, title }) => (
            <Link key={path} href={path} aria-current={isHere(path) ? "page" : undefined}>
              {t(title)}
            </Link>
          ))}
        </nav>
      </div>
      <Switch>
        <Route path="/team">
          <People />
        </Route>
        <Route path="/team/invite">
          <Invite />
        </Route>
        <Route path="/team/people/:id">{({ id }) => <PersonPage id={id} key={id} />}</Route>
        <Route path="/team/queues">
          <Queues />
        </Route>
        <Route path="/team/queues/new">
          <QueuePage id={null} />
        </Route>
        <Route path="/team/queues/:id">{({ id }) => <QueuePage id={id} key={id} />}</Route>
        <Route path="/team/company">
          <Company />
        </Route>
        <Route path="/team/hours">
          <Hours />
        </Route>
        <Route path="/team/transfer">
          <TransferPage />
        </Route>
        <Route>
          <p className="loading">{t("error.notFoundHint")}</p>
        </Route>
      </Switch>
    </div>
  );
}
