/** JSON over HTTP to the gateway, with its problems as one error type. */

export class Problem extends Error {
  /** `status` is 0 and `code` is "unreachable" when no answer came at all. */
  constructor(
    readonly status: number,
    readonly code: string,
    readonly retryAfterS: number | null = null,
  ) {
    super(code);
  }
}

export interface RequestOptions {
  body?: unknown;
  token?: string | null;
  signal?: AbortSignal | undefined;
  /** Lets the request outlive the page. */
  keepalive?: boolean;
}

export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.token) headers.Authorization = `Bearer ${options.token}`;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
      keepalive: options.keepalive ?? false,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw new Problem(0, "unreachable");
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new Problem(response.status, "bad_answer");
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  let code = response.status >= 502 ? "unreachable" : `http_${response.status}`;
  try {
    const body: unknown = await response.json();
    if (typeof body === "object" && body !== null && "code" in body && typeof body.code === "string") {
      code = body.code;
    }
  } catch {
    // A proxy's error page is no JSON; the status says enough.
  }
  return new Problem(response.status, code, Number.isFinite(retryAfter) ? retryAfter : null);
}
