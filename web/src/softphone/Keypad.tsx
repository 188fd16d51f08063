/** The twelve keys, by pointer or keyboard; digits run left to right in every language. */

import { useTranslation } from "react-i18next";
import { Icon } from "../ui/Icon";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

interface KeypadProps {
  pressed: string;
  press: (digit: string) => void;
  close: () => void;
}

export function Keypad({ pressed, press, close }: KeypadProps) {
  const { t } = useTranslation();
  const names: Record<string, string> = { "*": t("keypad.star"), "#": t("keypad.hash") };
  return (
    <section className="panel keypad" aria-label={t("keypad.title")}>
      <div className="keypad-top">
        <output className="keypad-pressed" dir="ltr" aria-label={t("keypad.pressed")}>
          {pressed}
        </output>
        <button
          type="button"
          className="button button-quiet button-round"
          onClick={close}
          aria-label={t("keypad.close")}
        >
          <Icon name="close" />
        </button>
      </div>
      <div className="keypad-keys" dir="ltr">
        {KEYS.map((digit) => (
          <button
            type="button"
            key={digit}
            className="key"
            aria-label={names[digit] ?? digit}
            onClick={() => press(digit)}
          >
            {digit}
          </button>
        ))}
      </div>
    </section>
  );
}
