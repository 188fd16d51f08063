/** Inviting somebody: who they are, what they may do, and the password that they begin with. */

import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { SaveBar, TextField } from "../../form/Fields";
import { refusal } from "../../form/problem";
import { Unsaved } from "../../form/Unsaved";
import { formKeys, useSaving } from "../../form/useSaving";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { Icon } from "../../ui/Icon";
import { type OneTime, type Person, type Queue, teamApi } from "../api";
import { OneTimePassword } from "./OneTimePassword";
import { faultOf, fieldsOf, NOBODY, type PersonDraft, type PersonFault, PersonFields } from "./PersonFields";

const EMAIL = /^[^@\s]{1,64}@[^@\s]+$/;

export function Invite() {
  const { t } = useTranslation();
  const read = useCallback(async (signal: AbortSignal) => {
    const [queues, profile] = await Promise.all([teamApi.queues(signal), teamApi.profile(signal)]);
    return { queues, tenant: profile.slug };
  }, []);
  const fresh = useFresh(read, null);
  const [invited, setInvited] = useState<(OneTime & { user: Person }) | null>(null);
  return (
    <Loaded fresh={fresh} loading={t("team.people.loading")}>
      {({ queues, tenant }) => (
        <>
          <p>
            <Link href="/team" className="button button-quiet part-back">
              <Icon name="back" />
              {t("team.people.back")}
            </Link>
          </p>
          {invited ? (
            <>
              <OneTimePassword
                made={invited}
                name={invited.user.name}
                email={invited.user.email}
                tenant={tenant}
                title={t("team.people.invitedTitle", { name: invited.user.name })}
              />
              <p className="part-note">
                <button type="button" className="button" onClick={() => setInvited(null)}>
                  {t("team.people.another")}
                </button>
              </p>
            </>
          ) : (
            <InviteForm queues={queues} done={setInvited} />
          )}
        </>
      )}
    </Loaded>
  );
}

function InviteForm({
  queues,
  done,
}: {
  queues: Queue[];
  done: (invited: OneTime & { user: Person }) => void;
}) {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [draft, setDraft] = useState<PersonDraft>(NOBODY);
  const [fault, setFault] = useState<PersonFault | "email" | null>(null);
  const saving = useSaving();
  const dirty = email !== "" || draft.name !== "";
  const submit = () => {
    const found = EMAIL.test(email.trim()) ? faultOf(draft) : "email";
    setFault(found);
    if (found !== null) return;
    void saving.save(async () => done(await teamApi.invite({ email: email.trim(), ...fieldsOf(draft) })));
  };
  return (
    <form className="card part-form" noValidate {...formKeys(submit)}>
      <h2>{t("team.people.invite")}</h2>
      <TextField
        label={t("login.email")}
        type="email"
        dir="ltr"
        required
        maxLength={254}
        value={email}
        change={setEmail}
        error={
          fault === "email"
            ? t("team.people.fault.email")
            : saving.problem?.code === "email_taken"
              ? t("form.refused.email_taken")
              : null
        }
      />
      <PersonFields
        draft={draft}
        change={setDraft}
        queues={queues}
        fault={fault === "email" ? null : fault}
      />
      <SaveBar
        busy={saving.busy}
        saved={false}
        dirty={false}
        error={saving.problem?.code === "email_taken" ? null : refusal(t, saving.problem)}
        act={t("team.people.inviteAct")}
      />
      <Unsaved dirty={dirty} />
    </form>
  );
}
