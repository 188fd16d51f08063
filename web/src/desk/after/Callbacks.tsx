/** Promises to call somebody back that are due: an advisor takes one up, dials by hand, and says what came of it. */

import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { moment } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import type { Callback, Desk } from "../api";
import { type Doing, deskSession } from "../session";
import { languageWord } from "../words";
import { Dialling } from "./Dialling";
import { localInput, unixOf } from "./when";

const REASONS = ["caller_chose", "closed", "nobody_free", "lost", "not_understood", "message_left"] as const;
/** Who has a callback that the agent dials by itself. */
const BY_ITSELF = "outbound";
/** The first time that is offered for a callback that is put off. */
const LATER_S = 3600;

export function Callbacks({ desk, doing }: { desk: Desk; doing: Doing | null }) {
  const { t } = useTranslation();
  return (
    <section className="card desk-callbacks" aria-labelledby="callbacks-title">
      <h2 id="callbacks-title">{t("desk.callbacks.title")}</h2>
      {desk.callbacks.length === 0 && <p className="hint">{t("desk.callbacks.none")}</p>}
      <ul className="callbacks">
        {desk.callbacks.map((callback) => (
          <Item
            key={callback.callback_id}
            callback={callback}
            mine={callback.claimed_by === desk.me.id}
            dials={desk.dials}
            busy={doing !== null}
          />
        ))}
      </ul>
    </section>
  );
}

type Asking = "later" | "cancel" | null;

interface Shown {
  callback: Callback;
  mine: boolean;
  /** Whether the agent can dial for this company. */
  dials: boolean;
  busy: boolean;
}

function Item({ callback, mine, dials, busy }: Shown) {
  const { t, i18n } = useTranslation();
  const [asking, setAsking] = useState<Asking>(null);
  const nowMs = Date.now();
  const id = callback.callback_id;
  const reason = REASONS.find((one) => one === callback.reason);
  const tries = callback.tries === 0 ? "none" : callback.tries === 1 ? "one" : "more";
  const taken = callback.claimed_by !== null && !mine;
  return (
    <li className="callback">
      <p className="callback-who">
        {number()}
        <span className="tag">{languageWord(t, callback.language)}</span>
        {reason && <span>{t(`desk.callbacks.reason.${reason}`)}</span>}
      </p>
      <p className="hint">
        <Link href={`/calls/${encodeURIComponent(callback.call_id)}`}>
          {t("desk.callbacks.promised", { when: moment(callback.next_try_at, nowMs, i18n.language) })}
        </Link>
        {callback.window_ends_at !== null &&
          ` · ${t("desk.callbacks.until", { when: moment(callback.window_ends_at, nowMs, i18n.language) })}`}
        {` · ${t(`desk.callbacks.tries.${tries}`, { count: callback.tries })}`}
      </p>
      {callback.via === "page" && <p className="hint">{t("desk.callbacks.overPage")}</p>}
      {taken && (
        <p className="hint">
          {t(callback.claimed_by === BY_ITSELF ? "desk.callbacks.dialled" : "desk.callbacks.taken")}
        </p>
      )}
      {!taken && asking === null && (
        <div className="callback-acts">
          {mine ? (
            <>
              <Act
                label={t("desk.callbacks.done")}
                main
                press={() => deskSession.settle(id, "done")}
                busy={busy}
              />
              <Act
                label={t("desk.callbacks.failed")}
                press={() => deskSession.settle(id, "failed")}
                busy={busy}
              />
              {dials && callback.via !== "page" && callback.contact && <Dialling id={id} busy={busy} />}
            </>
          ) : (
            <Act label={t("desk.callbacks.claim")} main press={() => deskSession.claim(id)} busy={busy} />
          )}
          <Act label={t("desk.callbacks.later")} press={() => setAsking("later")} busy={busy} />
          <Act label={t("desk.callbacks.cancel")} press={() => setAsking("cancel")} busy={busy} />
        </div>
      )}
      {asking === "later" && <Later id={id} nowMs={nowMs} close={() => setAsking(null)} />}
      {asking === "cancel" && (
        <div className="callback-acts">
          <p>{t("desk.callbacks.really")}</p>
          <Act
            label={t("desk.callbacks.cancel")}
            press={() => deskSession.settle(id, "cancel")}
            busy={busy}
          />
          <Act label={t("desk.callbacks.keep")} press={() => setAsking(null)} busy={busy} />
        </div>
      )}
    </li>
  );

  function number() {
    if (callback.contact) {
      return (
        <a className="callback-number" href={`tel:${callback.contact}`} dir="ltr">
          <Icon name="phone" />
          {callback.contact}
        </a>
      );
    }
    return (
      <strong>{callback.has_contact ? t("desk.callbacks.hidden") : t("desk.callbacks.noContact")}</strong>
    );
  }
}

function Act({
  label,
  press,
  busy,
  main,
}: {
  label: string;
  press: () => unknown;
  busy: boolean;
  main?: boolean;
}) {
  return (
    <button
      type="button"
      className={main ? "button button-primary" : "button"}
      onClick={() => void press()}
      disabled={busy}
    >
      {label}
    </button>
  );
}

function Later({ id, nowMs, close }: { id: string; nowMs: number; close: () => void }) {
  const { t } = useTranslation();
  const [at, setAt] = useState(localInput(nowMs / 1000 + LATER_S));
  const save = (event: FormEvent) => {
    event.preventDefault();
    const unixS = unixOf(at);
    if (unixS !== null) void deskSession.reschedule(id, unixS).then((done) => done && close());
  };
  return (
    <form className="callback-acts" onSubmit={save}>
      <label className="field">
        <span>{t("desk.callbacks.laterAt")}</span>
        <input
          type="datetime-local"
          required
          value={at}
          min={localInput(nowMs / 1000)}
          onChange={(event) => setAt(event.target.value)}
        />
      </label>
      <button type="submit" className="button button-primary">
        {t("desk.callbacks.laterSave")}
      </button>
      <button type="button" className="button" onClick={close}>
        {t("desk.callbacks.keep")}
      </button>
    </form>
  );
}
