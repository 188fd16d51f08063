/** What a supervisor does to the call as a whole; each asks once more. */

import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "../../ui/Icon";
import type { WatchState } from "./watch";

export type Asking = "takeOver" | "handOff" | "end";

const ACTS: readonly { what: Asking; icon: IconName; key: string }[] = [
  { what: "takeOver", icon: "headset", key: "T" },
  { what: "handOff", icon: "people", key: "H" },
  { what: "end", icon: "hangUp", key: "E" },
];

/** Where the acts' words are: a call is ended, what is written is closed. */
export type ActWords = "board" | "board.written";

interface ActsProps {
  state: WatchState;
  words: ActWords;
  ask: (what: Asking) => void;
}

export function Acts({ state, words, ask }: ActsProps) {
  const { t } = useTranslation();
  return (
    <div className="acts">
      {ACTS.map(({ what, icon, key }) => (
        <button
          key={what}
          type="button"
          className={what === "end" ? "button acts-end" : "button"}
          disabled={state.doing !== null}
          onClick={() => ask(what)}
        >
          <Icon name={icon} />
          {t(`${words}.${what}.act`)}
          <kbd>{key}</kbd>
        </button>
      ))}
    </div>
  );
}
