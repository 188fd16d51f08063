/** The staff's pages: nobody gets past this file without being signed in. */

import { useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { Connections } from "../agent/connections/Connections";
import { Knowledge } from "../agent/knowledge/Knowledge";
import { Tools } from "../agent/tools/Tools";
import { Voices } from "../agent/voices/Voices";
import { Board } from "../board/Board";
import { Campaigns } from "../campaigns/Campaigns";
import { Desk } from "../desk/Desk";
import { Team } from "../team/Team";
import { Header } from "../ui/Header";
import { Icon } from "../ui/Icon";
import { Message } from "../ui/Message";
import { NotFound } from "../ui/NotFound";
import { auth, type StaffUser, type Standing } from "./auth";
import { CallList } from "./CallList";
import { CallDetail } from "./detail/CallDetail";
import { Login } from "./Login";
import { Navigation } from "./Navigation";
import { Password } from "./Password";

export default function Staff() {
  const { t } = useTranslation();
  const standing = useSyncExternalStore(auth.subscribe, auth.standing);
  const [location] = useLocation();
  useEffect(() => void auth.resume(), []);

  if (standing.is === "asking") {
    return (
      <>
        <Header />
        <main id="content" className="page page-centred">
          <p className="loading" role="status">
            {t("sites.loading")}
          </p>
        </main>
      </>
    );
  }
  if (standing.is === "away") {
    return (
      <>
        <Header />
        <main id="content" className="page page-centred">
          <Message icon="warning" tone="warning" title={t("problem.unreachable.title")}>
            <button type="button" className="button button-primary" onClick={() => void auth.resume()}>
              {t("error.again")}
            </button>
          </Message>
        </main>
      </>
    );
  }
  // A redirection goes once in its life: each of ours has a key of its own, because one may follow the other.
  const wanted = new URLSearchParams(window.location.search).get("next") ?? "";
  if (location === "/login") {
    // Only our own paths: a link must not send someone elsewhere after signing in.
    const next =
      /^\/(calls|desk|board|campaigns|team|knowledge|tools|connections|voices|password)(\/|$)/.test(wanted)
        ? wanted
        : homeOf(standing);
    return standing.is === "in" ? <Redirect key="in" to={next} replace /> : <Login why={standing.why} />;
  }
  if (standing.is === "out") {
    const next = standing.why === "password" ? "" : `?next=${encodeURIComponent(location)}`;
    return <Redirect key="out" to={`/login${next}`} replace />;
  }
  // Whoever signed in with a password that was made for them may do nothing else before they have one of their own.
  if (standing.oneTime && location !== "/password") return <Redirect key="own" to="/password" replace />;
  return (
    <Switch>
      <Route path="/calls">
        <Shell user={standing.user}>
          <CallList />
        </Shell>
      </Route>
      <Route path="/calls/:id">
        {({ id }) => (
          <Shell user={standing.user}>
            <CallDetail callId={id} key={id} />
          </Shell>
        )}
      </Route>
      <Route path="/desk">
        <Shell user={standing.user}>
          <Desk />
        </Shell>
      </Route>
      <Route path="/board/:id?">
        {({ id }) => (
          <Shell user={standing.user}>
            <Board callId={id ?? null} />
          </Shell>
        )}
      </Route>
      <Route path="/campaigns/:id?">
        {({ id }) => (
          <Shell user={standing.user}>
            <Campaigns id={id ?? null} />
          </Shell>
        )}
      </Route>
      <Route path="/team/*?">
        <Shell user={standing.user}>
          <Team />
        </Shell>
      </Route>
      <Route path="/knowledge">
        <Shell user={standing.user}>
          <Knowledge />
        </Shell>
      </Route>
      <Route path="/tools">
        <Shell user={standing.user}>
          <Tools />
        </Shell>
      </Route>
      <Route path="/connections">
        <Shell user={standing.user}>
          <Connections />
        </Shell>
      </Route>
      <Route path="/voices">
        <Shell user={standing.user}>
          <Voices />
        </Shell>
      </Route>
      <Route path="/password">
        <Shell user={standing.user}>
          <Password oneTime={standing.oneTime} />
        </Shell>
      </Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

/** An advisor's day is at the desk; the others look after calls. */
const homeOf = (standing: Standing): string =>
  standing.is === "in" && standing.user.role === "advisor" ? "/desk" : "/calls";

function Shell({ user, children }: { user: StaffUser; children: React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <Header home={user.role === "advisor" ? "/desk" : "/calls"}>
        <Navigation user={user} />
        <Link href="/" className="button button-quiet header-staff" title={t("app.softphone")}>
          <Icon name="phone" />
          <span className="header-word">{t("app.softphone")}</span>
        </Link>
        <Account user={user} />
      </Header>
      <main id="content" className="page page-wide">
        {children}
      </main>
    </>
  );
}

function Account({ user }: { user: StaffUser }) {
  const { t } = useTranslation();
  const [location] = useLocation();
  return (
    // A new key closes the menu whenever the page changes.
    <details className="account" key={location}>
      <summary className="button button-quiet" aria-label={`${t("account.menu")}: ${user.name}`}>
        <Icon name="user" />
        <span className="account-name" dir="auto">
          {user.name}
        </span>
      </summary>
      <div className="account-menu">
        <p className="account-who">
          <strong dir="auto">{user.name}</strong>
          <span>
            {t(`role.${user.role}`)} · <bdi>{user.tenant}</bdi>
          </span>
        </p>
        <Link href="/password" className="account-item">
          {t("account.password")}
        </Link>
        <button type="button" className="account-item" onClick={() => void auth.logout()}>
          {t("account.logout")}
        </button>
      </div>
    </details>
  );
}
