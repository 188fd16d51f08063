/** A button on a card: its word, and for who hears it also what it is done with. */

import type { ReactNode } from "react";

interface ActProps {
  of: string;
  press: () => void;
  children: ReactNode;
  quiet?: boolean;
  primary?: boolean;
  disabled?: boolean;
}

export function Act({ of, press, children, quiet, primary, disabled }: ActProps) {
  const look = quiet ? "button button-quiet" : primary ? "button button-primary" : "button";
  return (
    <button type="button" className={look} onClick={press} disabled={disabled}>
      {children}
      <span className="visually-hidden"> {of}</span>
    </button>
  );
}
