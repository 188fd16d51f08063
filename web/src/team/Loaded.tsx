/** What stands on a page until it has been read, and when it could not be. */

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Fresh } from "../staff/useFresh";
import { Message } from "../ui/Message";

interface LoadedProps<T> {
  fresh: Fresh<T>;
  loading: string;
  children: (value: T) => ReactNode;
}

export function Loaded<T>({ fresh, loading, children }: LoadedProps<T>) {
  const { t } = useTranslation();
  const { value, problem, again } = fresh;
  if (value !== null) return children(value);
  if (!problem)
    return (
      <p className="loading" role="status">
        {loading}
      </p>
    );
  const forbidden = problem.status === 403;
  return (
    <Message
      icon="warning"
      tone="warning"
      title={forbidden ? t("error.forbidden") : t("error.failed")}
      text={forbidden ? t("team.forbiddenHint") : undefined}
    >
      {!forbidden && (
        <button type="button" className="button button-primary" onClick={again}>
          {t("error.again")}
        </button>
      )}
    </Message>
  );
}
