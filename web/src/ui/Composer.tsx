/** A box for a message: Enter sends it, Shift and Enter begin a line, and what is too long says by how much. */

import { type FormEvent, type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";

interface Props {
  label: string;
  longest: number;
  enabled: boolean;
  rows?: number;
  /** A message is on its way: the box waits for it. */
  sending?: boolean;
  /** Whether the message was taken; until then it stays in the box. */
  send: (text: string) => boolean | Promise<boolean>;
}

export function Composer({ label, longest, enabled, rows = 1, sending = false, send }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const over = [...text.trim()].length - longest;
  const sendable = enabled && !sending && text.trim() !== "" && over <= 0;

  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (sendable && (await send(text))) setText("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void submit();
  };
  return (
    <form className="composer" onSubmit={(event) => void submit(event)}>
      <textarea
        rows={rows}
        dir="auto"
        value={text}
        placeholder={label}
        aria-label={label}
        aria-invalid={over > 0}
        readOnly={sending}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        enterKeyHint="send"
      />
      <button
        type="submit"
        className="button button-primary button-round"
        disabled={!sendable}
        aria-label={t("transcript.send")}
      >
        <Icon name="send" />
      </button>
      {over > 0 && (
        <p className="field-error" role="alert">
          {t("transcript.tooLong", { over })}
        </p>
      )}
    </form>
  );
}
