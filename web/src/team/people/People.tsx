/** Everybody who works here: what they may do, what they speak, and which callers they get. */

import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { nameOf } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { type Person, type Queue, teamApi } from "../api";

export function People() {
  const { t } = useTranslation();
  const read = useCallback(async (signal: AbortSignal) => {
    const [people, queues] = await Promise.all([teamApi.people(signal), teamApi.queues(signal)]);
    return { people, queues };
  }, []);
  const fresh = useFresh(read, null);
  return (
    <Loaded fresh={fresh} loading={t("team.people.loading")}>
      {({ people, queues }) => (
        <>
          <div className="part-top">
            <p className="hint">{t("team.people.lead")}</p>
            <Link href="/team/invite" className="button button-primary">
              {t("team.people.invite")}
            </Link>
          </div>
          <table className="calls people">
            <thead>
              <tr>
                <th scope="col">{t("team.people.name")}</th>
                <th scope="col">{t("team.people.role")}</th>
                <th scope="col">{t("team.people.languages")}</th>
                <th scope="col">{t("team.people.skills")}</th>
                <th scope="col">{t("team.people.queues")}</th>
              </tr>
            </thead>
            <tbody>
              {people.map((person) => (
                <Row key={person.id} person={person} queues={queues} />
              ))}
            </tbody>
          </table>
          {people.length === 1 && (
            <p className="hint part-note">
              <Icon name="user" /> {t("team.people.alone")}
            </p>
          )}
        </>
      )}
    </Loaded>
  );
}

function Row({ person, queues }: { person: Person; queues: Queue[] }) {
  const { t, i18n } = useTranslation();
  const none = t("calls.none");
  const takesCalls = person.role !== "viewer";
  const queueNames = person.queues.map((id) =>
    nameOf(queues.find((queue) => queue.id === id)?.name ?? {}, i18n.language, id),
  );
  const spoken = person.languages.map((code) => (code === "ar" ? t("language.ar") : t("language.en")));
  return (
    <tr className={person.disabled ? "people-disabled" : undefined}>
      <th scope="row" className="calls-when">
        <Link
          href={`/team/people/${encodeURIComponent(person.id)}`}
          aria-label={t("team.people.open", { name: person.name })}
        >
          <bdi>{person.name}</bdi>
        </Link>
        <small className="people-mail" dir="ltr">
          {person.email}
        </small>
      </th>
      <td>
        <span className={person.role === "admin" ? "badge badge-live-still" : "badge"}>
          {t(`role.${person.role}`)}
        </span>
        {person.disabled && <span className="badge badge-bad">{t("team.people.disabled")}</span>}
        {!person.disabled && person.password_change_needed && (
          <span className="badge badge-warm">{t("team.people.invited")}</span>
        )}
      </td>
      <td data-label={t("team.people.languages")}>{spoken.join(t("desk.brief.and")) || none}</td>
      <td data-label={t("team.people.skills")}>
        <bdi>{person.skills.join(", ") || none}</bdi>
      </td>
      <td data-label={t("team.people.queues")}>
        {queueNames.join(t("desk.brief.and")) || (takesCalls ? t("team.people.everyQueue") : none)}
      </td>
    </tr>
  );
}
