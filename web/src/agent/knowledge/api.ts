/** Documents and what is found in them, as the gateway has them. */

import type { Names } from "../../call/api";
import { Problem } from "../../http";
import { auth } from "../../staff/auth";

export type DocumentState = "queued" | "reading" | "indexing" | "ready" | "failed" | "removing";

export interface KnownDocument {
  id: string;
  name: string;
  kind: string;
  size_bytes: number;
  state: DocumentState;
  /** 0..1. */
  progress: number;
  chunks_done: number;
  chunks_total: number | null;
  pages: number | null;
  language: string | null;
  problem: { code: string; text: Names } | null;
  uploaded_at: number;
}

export interface Passage {
  document_id: string;
  name: string;
  heading: string[];
  page: number | null;
  text: string;
  language: string | null;
  score: number;
  /** The sentence that answers. */
  answer: string | null;
}

const path = (id: string) => `/v1/documents/${encodeURIComponent(id)}`;

export const knowledgeApi = {
  documents: async (signal?: AbortSignal): Promise<KnownDocument[]> =>
    (await auth.request<{ documents: KnownDocument[] }>("GET", "/v1/documents", { signal })).documents,
  remove: (id: string): Promise<KnownDocument> => auth.request("DELETE", path(id)),
  search: async (question: string): Promise<Passage[]> =>
    (await auth.request<{ passages: Passage[] }>("POST", "/v1/knowledge/search", { body: { question } }))
      .passages,

  /** The file's bytes under `name`; `told` hears how much of it has left. An old access token is renewed once. */
  async upload(
    file: File,
    name: string,
    told: (share: number) => void,
  ): Promise<KnownDocument & { new: boolean }> {
    try {
      return await sent(file, name, told);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401 || !(await auth.renew())) throw error;
      return sent(file, name, told);
    }
  },
};

/** XMLHttpRequest, because fetch does not tell how much has left. */
function sent(
  file: File,
  name: string,
  told: (share: number) => void,
): Promise<KnownDocument & { new: boolean }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/v1/documents?name=${encodeURIComponent(name)}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    const token = auth.token();
    if (token) request.setRequestHeader("Authorization", `Bearer ${token.value}`);
    request.responseType = "json";
    request.upload.onprogress = (event) => told(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(new Problem(request.status, request.response?.code ?? `http_${request.status}`));
    };
    request.onerror = () => reject(new Problem(0, "unreachable"));
    request.send(file);
  });
}
