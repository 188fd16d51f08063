/** What the agent knows: upload documents, watch them being read, try what is found. */

import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../staff/Loaded";
import { useFresh } from "../../staff/useFresh";
import { Message } from "../../ui/Message";
import { Agent } from "../Agent";
import { type KnownDocument, knowledgeApi } from "./api";
import { Documents } from "./Documents";
import { Search } from "./Search";
import { Upload, useUploads } from "./Upload";
import { isUnderWay } from "./view";

/** While one is being read; what takes minutes is still seen to move. */
const WATCH_MS = 1000;

export function Knowledge() {
  const { t } = useTranslation();
  const [watching, setWatching] = useState(false);
  const read = useCallback((signal: AbortSignal) => knowledgeApi.documents(signal), []);
  const fresh = useFresh(read, watching ? WATCH_MS : null);
  const underWay = fresh.value?.some(isUnderWay) ?? false;
  useEffect(() => setWatching(underWay), [underWay]);
  return (
    <Agent>
      <Loaded fresh={fresh} loading={t("agent.knowledge.loading")}>
        {(documents) => <Shelf documents={documents} again={fresh.again} />}
      </Loaded>
    </Agent>
  );
}

function Shelf({ documents, again }: { documents: KnownDocument[]; again: () => void }) {
  const { t } = useTranslation();
  const uploads = useUploads(again);
  return (
    <div className="part-columns knowledge">
      <div className="part-stack">
        <Upload uploads={uploads} />
        {documents.length === 0 ? (
          <Message icon="book" title={t("agent.knowledge.none")} text={t("agent.knowledge.noneHint")} />
        ) : (
          <Documents
            documents={documents}
            replace={(files, name) => uploads.add(files, name)}
            again={again}
          />
        )}
      </div>
      <div className="part-side">
        <Search />
      </div>
    </div>
  );
}
