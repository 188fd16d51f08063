/** What stands on a page until it has been read, and when it could not be. */

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Message } from "../ui/Message";
import type { Fresh } from "./useFresh";

interface LoadedProps<T> {
  fresh: Fresh<T>;
  loading: string;
  /** What to do where one may not read it; by default, that the administrator can be asked. */
  forbidden?: string;
  children: (value: T) => ReactNode;
}

export function Loaded<T>({ fresh, loading, forbidden, children }: LoadedProps<T>) {
  const { t } = useTranslation();
  const { value, problem, again } = fresh;
  if (value !== null) return children(value);
  if (!problem)
    return (
      <p className="loading" role="status">
        {loading}
      </p>
    );
  const refused = problem.status === 403;
  return (
    <Message
      icon="warning"
      tone="warning"
      title={refused ? t("error.forbidden") : t("error.failed")}
      text={refused ? (forbidden ?? t("team.forbiddenHint")) : undefined}
    >
      {!refused && (
        <button type="button" className="button button-primary" onClick={again}>
          {t("error.again")}
        </button>
      )}
    </Message>
  );
}
