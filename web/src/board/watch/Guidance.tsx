/** A word to the agent alone: it follows it in its next answers, and the caller hears nothing of it. */

import { type KeyboardEvent, type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/Icon";
import type { With } from "../view";
import type { Watch, WatchState } from "./watch";

interface GuidanceProps {
  watch: Watch;
  state: WatchState;
  who: With;
  box: RefObject<HTMLTextAreaElement | null>;
}

const MOST_CHARACTERS = 1000;

export function Guidance({ watch, state, who, box }: GuidanceProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const send = async () => {
    const said = text.trim();
    if (said === "" || state.doing !== null) return;
    if (await watch.guide(said)) setText((now) => (now.trim() === said ? "" : now));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") box.current?.blur();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      className="guidance"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label className="field">
        <span>
          {t("board.guide.label")}
          <kbd>G</kbd>
        </span>
        <textarea
          ref={box}
          dir="auto"
          rows={2}
          maxLength={MOST_CHARACTERS}
          placeholder={t("board.guide.example")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          aria-describedby="guide-hint"
        />
        <small id="guide-hint">{who === "agent" ? t("board.guide.hint") : t("board.guide.later")}</small>
      </label>
      {state.guidance.length > 0 && (
        <ul className="guidance-said" aria-label={t("board.guide.said")}>
          {state.guidance.map((said, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same words may be said twice, and none is ever removed.
            <li key={place}>
              <Icon name="robot" />
              <span dir="auto">{said}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="visually-hidden" role="status">
        {state.guidance.length > 0 && t("board.guide.sent")}
      </p>
      <button type="submit" className="button" disabled={text.trim() === "" || state.doing === "guide"}>
        {t("board.guide.send")}
      </button>
    </form>
  );
}
