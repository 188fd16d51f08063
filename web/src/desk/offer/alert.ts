/** Calling an advisor back to the desk from another tab: a notification of the system, and a title that blinks. */

const BLINK_MS = 900;

/** Asked for at the first "ready": only a click may ask, and only then it is clear what for. */
export async function allowNotifications(): Promise<void> {
  if ("Notification" in window && Notification.permission === "default") {
    await Notification.requestPermission().catch(() => {});
  }
}

export const areBlocked = (): boolean => "Notification" in window && Notification.permission === "denied";

/** Says nothing about the caller: it may show on a locked screen. Returns what takes it away. */
export function notify(title: string, text: string, handoffId: string): () => void {
  if (!("Notification" in window) || Notification.permission !== "granted") return () => {};
  try {
    const { lang, dir } = document.documentElement;
    const options = {
      body: text,
      tag: `hatif-${handoffId}`,
      requireInteraction: true,
      lang,
      icon: "/icon.svg",
    };
    const shown = new Notification(title, { ...options, dir: dir === "rtl" ? "rtl" : "ltr" });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
    return () => shown.close();
  } catch {
    // On phones only a service worker may notify; sound and title are left.
    return () => {};
  }
}

/** Returns what puts the title back. */
export function blink(title: string): () => void {
  const usual = document.title;
  let lit = true;
  document.title = title;
  const timer = window.setInterval(() => {
    lit = !lit;
    document.title = lit ? title : usual;
  }, BLINK_MS);
  return () => {
    window.clearInterval(timer);
    document.title = usual;
  };
}
