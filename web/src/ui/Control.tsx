/** A round button of a call, with its word below. */

import { Icon, type IconName } from "./Icon";

interface ControlProps {
  icon: IconName;
  label: string;
  press: () => void;
  pressed?: boolean;
  expanded?: boolean;
  disabled?: boolean;
  danger?: boolean;
}

export function Control({ icon, label, press, pressed, expanded, disabled, danger }: ControlProps) {
  return (
    <button
      type="button"
      className={danger ? "control control-danger" : "control"}
      onClick={press}
      disabled={disabled}
      aria-pressed={pressed}
      aria-expanded={expanded}
    >
      <span className="control-disc">
        <Icon name={icon} />
      </span>
      <span className="control-label">{label}</span>
    </button>
  );
}
