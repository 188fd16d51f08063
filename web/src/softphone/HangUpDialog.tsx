/** Asks before Esc ends a call: the key is too easily pressed to end one alone. */

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

interface HangUpDialogProps {
  open: boolean;
  close: () => void;
  hangUp: () => void;
}

export function HangUpDialog({ open, close, hangUp }: HangUpDialogProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} className="dialog" onClose={close} aria-labelledby="hang-up-ask">
      <h2 id="hang-up-ask">{t("hangUp.ask")}</h2>
      <div className="dialog-actions">
        <button type="button" className="button button-danger" onClick={hangUp}>
          {t("hangUp.yes")}
        </button>
        <button type="button" className="button" onClick={close}>
          {t("hangUp.no")}
        </button>
      </div>
    </dialog>
  );
}
