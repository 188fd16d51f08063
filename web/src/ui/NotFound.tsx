/** The page for an address that nobody has. */

import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { Header } from "./Header";
import { Message } from "./Message";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <>
      <Header />
      <main id="content" className="page page-centred">
        <p className="not-found-number" aria-hidden="true" dir="ltr">
          4<span className="not-found-zero">0</span>4
        </p>
        <Message icon="hangUp" title={t("error.notFound")} text={t("error.notFoundHint")}>
          <Link href="/" className="button button-primary">
            {t("error.home")}
          </Link>
        </Message>
      </main>
    </>
  );
}
