/** The pages' icons: 24 by 24, drawn in the colour of the text around them. */

const PATHS = {
  phone:
    "M6.6 3.5c.6-.1 1.1.2 1.4.7l1.5 2.9c.3.6.2 1.2-.3 1.7L7.9 10a13 13 0 0 0 6.1 6.1l1.2-1.3c.5-.5 1.1-.6 1.7-.3l2.9 1.5c.5.3.8.8.7 1.4l-.4 2c-.1.7-.7 1.1-1.4 1.1A15.9 15.9 0 0 1 3.5 5.3c0-.7.4-1.3 1.1-1.4z",
  hangUp:
    "M12 9c3.9 0 7.3 1.3 9.3 3.4.5.5.5 1.2.2 1.8l-1 1.7c-.3.5-.9.8-1.5.6l-2.6-.8a1.4 1.4 0 0 1-1-1.3v-1.6a12 12 0 0 0-6.8 0v1.6c0 .6-.4 1.1-1 1.3l-2.6.8c-.6.2-1.2-.1-1.5-.6l-1-1.7c-.3-.6-.3-1.3.2-1.8C4.700 10.300 8.100 9 12 9z",
  microphone:
    "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21",
  microphoneOff:
    "M15 9.500V6a3 3 0 0 0-5.700-1.300M9 9v2a3 3 0 0 0 4.600 2.500M5.500 11a6.500 6.500 0 0 0 10 5.500M18.500 11a6.400 6.400 0 0 1-.700 3M12 17.500V21M4 3.500l16 17",
  keypad:
    "M6 5.500h.010M12 5.500h.010M18 5.500h.010M6 11h.010M12 11h.010M18 11h.010M6 16.500h.010M12 16.500h.010M18 16.500h.010",
  sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  send: "M4 12h15M13 6l6 6-6 6",
  close: "M6 6l12 12M18 6L6 18",
  back: "M20 12H5M11 6l-6 6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  star: "M12 3.600l2.600 5.300 5.800.800-4.200 4.100 1 5.800-5.200-2.700-5.200 2.700 1-5.800L3.600 9.700l5.800-.8z",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500a7.500 7.500 0 0 1 15 0",
  board: "M3.500 5h17v12h-17zM8 20.500h8M12 17v3.500M7.500 13.500v-2M12 13.500v-5M16.500 13.500v-3.500",
  people:
    "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 19.500a6.500 6.500 0 0 1 13 0M15.500 4.800a3.500 3.500 0 0 1 0 6.400M17.500 13.600a6.500 6.500 0 0 1 4 5.900",
  headset:
    "M4 14v-2a8 8 0 0 1 16 0v2M4 14.500A1.500 1.500 0 0 1 5.500 13H7v6H5.500A1.500 1.500 0 0 1 4 17.500zM20 14.500a1.500 1.500 0 0 0-1.500-1.500H17v6h1.500a1.500 1.500 0 0 0 1.500-1.500zM19 19c0 1.500-1.500 2.500-4 2.500h-2",
  robot:
    "M5 9.500h14V19H5zM12 9.500V5.500M12 5.500a1 1 0 1 0 0-2 1 1 0 0 0 0 2M9 13.500h.010M15 13.500h.010M9.500 16.300h5",
  warning: "M12 4L2.800 19.500h18.400zM12 10v4.500M12 17.200v.010",
  calls: "M4 6.500h16M4 12h16M4 17.500h10",
  copy: "M9 9h10v11H9zM5 15V4h10",
  book: "M5 4.500h11a2.500 2.500 0 0 1 2.500 2.500v12.500H7.500A2.500 2.500 0 0 1 5 17zM5 17a2.500 2.500 0 0 1 2.500-2.500h11M9 8.500h5.500",
  play: "M8 5.500v13l11-6.500z",
  cut: "M4 12h9M10 8.500l3.500 3.500-3.500 3.500M18.500 6v12",
} as const;

export type IconName = keyof typeof PATHS;

const SOLID: readonly IconName[] = ["phone", "hangUp", "play"];
const FOLLOWS_DIRECTION: readonly IconName[] = ["send", "back", "cut"];

export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  const solid = filled || SOLID.includes(name);
  return (
    <svg
      className={FOLLOWS_DIRECTION.includes(name) ? "icon icon-directed" : "icon"}
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill={solid ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={name === "keypad" ? 2.8 : solid ? 0.8 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
