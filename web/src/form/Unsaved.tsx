/** Asks before a page with something unsaved on it is left, by whichever way. */

import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { Confirm } from "./Dialog";

export function Unsaved({ dirty }: { dirty: boolean }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const [leave, setLeave] = useState<(() => void) | null>(null);
  const letGo = useRef(false);

  useEffect(() => {
    if (!dirty) return;
    letGo.current = false;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onNavigate = (event: NavigateEvent) => {
      // Leaving the document is `beforeunload`'s; a browser without this event lets go of pages unasked.
      if (letGo.current || !event.cancelable || !event.canIntercept) return;
      const there = new URL(event.destination.url);
      if (there.pathname === window.location.pathname) return;
      event.preventDefault();
      const { key } = event.destination;
      setLeave(() => () => {
        letGo.current = true;
        if (event.navigationType === "traverse") window.navigation.traverseTo(key);
        else navigate(there.pathname + there.search);
      });
    };
    window.addEventListener("beforeunload", onUnload);
    if ("navigation" in window) window.navigation.addEventListener("navigate", onNavigate);
    return () => {
      window.removeEventListener("beforeunload", onUnload);
      if ("navigation" in window) window.navigation.removeEventListener("navigate", onNavigate);
    };
  }, [dirty, navigate]);

  return (
    <Confirm
      open={leave !== null}
      title={t("form.unsaved.title")}
      text={t("form.unsaved.text")}
      act={t("form.unsaved.leave")}
      keep={t("form.unsaved.stay")}
      danger
      confirm={() => {
        setLeave(null);
        leave?.();
      }}
      cancel={() => setLeave(null)}
    />
  );
}
