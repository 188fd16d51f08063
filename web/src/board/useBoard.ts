/** The board, read again whenever something has changed, and from time to time in case that was not told. */

import { useCallback, useEffect, useRef } from "react";
import { live } from "../live/socket";
import { type Fresh, useFresh } from "../staff/useFresh";
import { type Board, boardApi } from "./api";

const LOOK_EVERY_MS = 5000;
/** Several things change at once; a board that flickers is read by nobody. */
const SETTLE_MS = 300;

export function useBoard(): Fresh<Board> {
  const read = useCallback((signal: AbortSignal) => boardApi.board(signal), []);
  const fresh = useFresh(read, LOOK_EVERY_MS);
  const again = useRef(fresh.again);
  useEffect(() => {
    again.current = fresh.again;
  });
  useEffect(() => {
    let soon = 0;
    const stop = live.listen((event) => {
      if (event.type === "ring" || soon !== 0) return;
      soon = window.setTimeout(() => {
        soon = 0;
        again.current();
      }, SETTLE_MS);
    });
    return () => {
      window.clearTimeout(soon);
      stop();
    };
  }, []);
  return fresh;
}
