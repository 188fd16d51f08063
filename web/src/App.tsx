/** Which page lives at which address. The gateway answers all of them with this one document. */

import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Softphone } from "./softphone/Softphone";
import { NotFound } from "./ui/NotFound";

const STAFF_PAGES = [
  "login",
  "calls",
  "desk",
  "board",
  "campaigns",
  "team",
  "knowledge",
  "tools",
  "connections",
  "voices",
  "password",
];

// A caller never downloads the staff's pages.
const Staff = lazy(() => import("./staff/Staff"));

export function App() {
  return (
    <Switch>
      <Route path="/">
        <Softphone slug={null} />
      </Route>
      <Route path="/call/:slug">{({ slug }) => <Softphone slug={slug} />}</Route>
      <Route path="/:page/*?">
        {({ page }) =>
          STAFF_PAGES.includes(page) ? (
            <Suspense fallback={null}>
              <Staff />
            </Suspense>
          ) : (
            <NotFound />
          )
        }
      </Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}
