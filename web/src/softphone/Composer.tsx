/** The text box for callers who can't, or don't want to, speak. */

import { type FormEvent, type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { TEXT_MAX_CHARS } from "../call/protocol";
import { Icon } from "../ui/Icon";

export function Composer({ enabled, send }: { enabled: boolean; send: (text: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const over = [...text.trim()].length - TEXT_MAX_CHARS;
  const sendable = enabled && text.trim() !== "" && over <= 0;

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!sendable) return;
    send(text);
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <form className="composer" onSubmit={submit}>
      <textarea
        rows={1}
        dir="auto"
        value={text}
        placeholder={t("transcript.type")}
        aria-label={t("transcript.type")}
        aria-invalid={over > 0}
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
