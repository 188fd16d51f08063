/** One person: what they may do, a new password, and whether they may sign in at all. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { Confirm } from "../../form/Dialog";
import { SaveBar } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { Unsaved } from "../../form/Unsaved";
import { formKeys, useSaving } from "../../form/useSaving";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { Icon } from "../../ui/Icon";
import { Message } from "../../ui/Message";
import { type OneTime, type Person, type Queue, teamApi } from "../api";
import { OneTimePassword } from "./OneTimePassword";
import { draftOf, faultOf, fieldsOf, type PersonFault, PersonFields } from "./PersonFields";

interface Known {
  people: Person[];
  queues: Queue[];
  tenant: string;
}

export function PersonPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const read = useCallback(async (signal: AbortSignal): Promise<Known> => {
    const asked = [teamApi.people(signal), teamApi.queues(signal), teamApi.profile(signal)] as const;
    const [people, queues, profile] = await Promise.all(asked);
    return { people, queues, tenant: profile.slug };
  }, []);
  const fresh = useFresh(read, null);
  return (
    <Loaded fresh={fresh} loading={t("team.people.loading")}>
      {(known) => {
        const person = known.people.find((one) => one.id === id);
        if (!person) return <Nobody />;
        return <Arrange person={person} known={known} />;
      }}
    </Loaded>
  );
}

function Nobody() {
  const { t } = useTranslation();
  return (
    <Message icon="user" title={t("team.people.nobody")}>
      <Link href="/team" className="button button-primary">
        {t("team.people.back")}
      </Link>
    </Message>
  );
}

function Arrange({ person: first, known }: { person: Person; known: Known }) {
  const { t } = useTranslation();
  const [person, setPerson] = useState(first);
  const [draft, setDraft] = useState(() => draftOf(first));
  const [fault, setFault] = useState<PersonFault | null>(null);
  const saving = useSaving();
  const dirty = JSON.stringify(draft) !== JSON.stringify(draftOf(person));
  const otherAdmins = known.people.filter(
    (one) => one.role === "admin" && !one.disabled && one.id !== person.id,
  );
  const lastAdmin = person.role === "admin" && !person.disabled && otherAdmins.length === 0;
  const submit = () => {
    const found = faultOf(draft);
    setFault(found);
    if (found !== null) return;
    void saving.save(async () => {
      const changed = await teamApi.change(person.id, fieldsOf(draft));
      setPerson(changed);
      setDraft(draftOf(changed));
    });
  };
  return (
    <>
      <p>
        <Link href="/team" className="button button-quiet part-back">
          <Icon name="back" />
          {t("team.people.back")}
        </Link>
      </p>
      <div className="part-columns">
        <form className="card part-form" noValidate {...formKeys(submit)}>
          <h2>
            <bdi>{person.name}</bdi>
          </h2>
          <p className="hint" dir="ltr">
            {person.email}
          </p>
          <PersonFields
            draft={draft}
            change={(next) => {
              setDraft(next);
              saving.touched();
            }}
            queues={known.queues}
            fault={fault}
            bound={lastAdmin}
          />
          <SaveBar
            busy={saving.busy}
            saved={saving.saved}
            dirty={dirty}
            error={refusal(t, saving.problem)}
            act={t("form.save")}
            reset={() => setDraft(draftOf(person))}
          />
          <Unsaved dirty={dirty} />
        </form>
        <div className="part-side">
          <NewPassword person={person} tenant={known.tenant} />
          <Access person={person} lastAdmin={lastAdmin} changed={setPerson} />
        </div>
      </div>
    </>
  );
}

function NewPassword({ person, tenant }: { person: Person; tenant: string }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [made, setMade] = useState<OneTime | null>(null);
  const saving = useSaving();
  const reset = () =>
    void saving
      .save(async () => setMade(await teamApi.resetPassword(person.id)))
      .then(() => setAsking(false));
  if (made) {
    return (
      <OneTimePassword
        made={made}
        name={person.name}
        email={person.email}
        tenant={tenant}
        title={t("team.people.resetDone")}
      />
    );
  }
  return (
    <section className="card">
      <h2>{t("team.people.reset")}</h2>
      <p className="hint">{t("team.people.resetLead")}</p>
      {saving.problem && (
        <p className="field-error" role="alert">
          {refusal(t, saving.problem)}
        </p>
      )}
      <button type="button" className="button" onClick={() => setAsking(true)}>
        {t("team.people.resetAct")}
      </button>
      <Confirm
        open={asking}
        title={t("team.people.resetTitle", { name: person.name })}
        text={t("team.people.resetWarning")}
        act={t("team.people.resetAct")}
        busy={saving.busy}
        confirm={reset}
        cancel={() => setAsking(false)}
      />
    </section>
  );
}

interface AccessProps {
  person: Person;
  lastAdmin: boolean;
  changed: (person: Person) => void;
}

function Access({ person, lastAdmin, changed }: AccessProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const saving = useSaving();
  const set = (disabled: boolean) =>
    void saving
      .save(async () => changed(await teamApi.change(person.id, { disabled })))
      .then(() => setAsking(false));
  return (
    <section className="card">
      <h2>{person.disabled ? t("team.people.disabledTitle") : t("team.people.access")}</h2>
      <p className="hint" id="access-hint">
        {person.disabled
          ? t("team.people.enableLead")
          : lastAdmin
            ? t("team.people.lastAdmin")
            : t("team.people.disableLead")}
      </p>
      {saving.problem && (
        <p className="field-error" role="alert">
          {refusal(t, saving.problem)}
        </p>
      )}
      {person.disabled ? (
        <button
          type="button"
          className="button button-primary"
          disabled={saving.busy}
          onClick={() => set(false)}
        >
          {t("team.people.enable")}
        </button>
      ) : (
        <button
          type="button"
          className="button"
          disabled={lastAdmin}
          aria-describedby="access-hint"
          onClick={() => setAsking(true)}
        >
          {t("team.people.disable")}
        </button>
      )}
      <Confirm
        open={asking}
        title={t("team.people.disableTitle", { name: person.name })}
        text={t("team.people.disableWarning")}
        act={t("team.people.disable")}
        danger
        busy={saving.busy}
        confirm={() => set(true)}
        cancel={() => setAsking(false)}
      />
    </section>
  );
}
