/** Writes a level into a CSS variable once per drawn frame, past React: sixty renders a second would be waste. */

import { type RefObject, useEffect } from "react";

/** Share of the way that a falling level goes per frame; rising ones are shown at once. */
const FALL = 0.18;

export function useLevel(
  target: RefObject<HTMLElement | null>,
  variable: string,
  read: (() => number) | null,
): void {
  useEffect(() => {
    const element = target.current;
    if (!element || !read) return;
    let shown = 0;
    let frame = 0;
    const draw = () => {
      const level = read();
      shown = level > shown ? level : shown + (level - shown) * FALL;
      element.style.setProperty(variable, shown.toFixed(3));
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      element.style.removeProperty(variable);
    };
  }, [target, variable, read]);
}
