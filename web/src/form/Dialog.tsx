/** A question that must be answered before anything else. */

import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

interface ConfirmProps {
  open: boolean;
  title: string;
  text: string;
  /** What is done, as a verb. */
  act: string;
  danger?: boolean;
  busy?: boolean;
  confirm: () => void;
  cancel: () => void;
  keep?: string;
  children?: ReactNode;
}

export function Confirm({
  open,
  title,
  text,
  act,
  danger,
  busy,
  confirm,
  cancel,
  keep,
  children,
}: ConfirmProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    else if (!open && dialog.current?.open) dialog.current.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => {
        event.preventDefault();
        cancel();
      }}
    >
      {open && (
        <>
          <h2 id={`${id}-title`}>{title}</h2>
          <p className="lead" id={`${id}-text`}>
            {text}
          </p>
          {children}
          <div className="dialog-actions">
            <button
              type="button"
              className={danger ? "button button-danger" : "button button-primary"}
              onClick={confirm}
              disabled={busy}
            >
              {act}
            </button>
            {/* biome-ignore lint/a11y/noAutofocus: the harmless answer is the one under the Enter key. */}
            <button type="button" className="button" onClick={cancel} autoFocus>
              {keep ?? t("form.cancel")}
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
