/** A bar that shows how loud something is. */

import { useRef } from "react";
import { useLevel } from "./useLevel";

export function LevelMeter({ read, label }: { read: (() => number) | null; label: string }) {
  const bar = useRef<HTMLDivElement>(null);
  useLevel(bar, "--level", read);
  return (
    <div className="meter" role="img" aria-label={label}>
      <div className="meter-bar" ref={bar} />
    </div>
  );
}
