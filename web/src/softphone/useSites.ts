/** Who can be called from this page; asks again by itself while the server is away. */

import { useCallback, useEffect, useState } from "react";
import { callerApi, type Site } from "../call/api";

const RETRY_MS = 5000;

export interface Sites {
  sites: Site[] | null;
  away: boolean;
  retryAtMs: number;
  retry: () => void;
}

export function useSites(): Sites {
  const [sites, setSites] = useState<Site[] | null>(null);
  const [away, setAway] = useState(false);
  const [retryAtMs, setRetryAtMs] = useState(0);
  const [asked, setAsked] = useState(0);
  const retry = useCallback(() => setAsked((times) => times + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each press of "try now" asks once more.
  useEffect(() => {
    const aborter = new AbortController();
    let timer = 0;
    const ask = async () => {
      try {
        setSites(await callerApi.sites(aborter.signal));
        setAway(false);
      } catch {
        if (aborter.signal.aborted) return;
        setAway(true);
        setRetryAtMs(Date.now() + RETRY_MS);
        timer = window.setTimeout(() => void ask(), RETRY_MS);
      }
    };
    void ask();
    return () => {
      aborter.abort();
      window.clearTimeout(timer);
    };
  }, [asked]);

  return { sites, away, retryAtMs, retry };
}
