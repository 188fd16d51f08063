/** A calm, centred page state: what is the matter, and what can be done about it. */

import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

interface MessageProps {
  icon: IconName;
  tone?: "plain" | "warning";
  title: string;
  text?: string | undefined;
  children?: ReactNode;
}

export function Message({ icon, tone = "plain", title, text, children }: MessageProps) {
  return (
    <section className={`message message-${tone}`} role={tone === "warning" ? "alert" : undefined}>
      <span className="message-icon">
        <Icon name={icon} />
      </span>
      <h1>{title}</h1>
      {text && <p>{text}</p>}
      {children && <div className="message-actions">{children}</div>}
    </section>
  );
}
