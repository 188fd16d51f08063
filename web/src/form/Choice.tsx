/** Exactly one of a few, as chips. */

import { useId } from "react";

interface ChoiceProps<Value extends string> {
  label: string;
  options: readonly { value: Value; name: string }[];
  chosen: Value;
  change: (value: Value) => void;
  hint?: string | undefined;
}

export function Choice<Value extends string>({ label, options, chosen, change, hint }: ChoiceProps<Value>) {
  const id = useId();
  return (
    <fieldset className="chips" aria-describedby={hint ? `${id}-hint` : undefined}>
      <legend>{label}</legend>
      <div className="chips-row">
        {options.map(({ value, name }) => (
          <label key={value} className="chip">
            <input type="radio" name={id} checked={chosen === value} onChange={() => change(value)} />
            <span>{name}</span>
          </label>
        ))}
      </div>
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}
