/* The icons, drawn with strokes on a grid of 24. */
import { html } from "./preact.js";

const PATHS = {
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-4H4zM14 8h6V4h-6z",
  events: "M13 2 4 14h7l-1 8 9-12h-7z",
  flows: "M6 3v12M18 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM18 9c0 5-6 4-9 7",
  try: "m7 8-4 4 4 4M17 8l4 4-4 4M14 4l-4 16",
  doctor: "M22 12h-4l-3 8L9 4l-3 8H2",
  simulator: "M9 3h6M10 3v6L4.5 18.5A1.7 1.7 0 0 0 6 21h12a1.7 1.7 0 0 0 1.5-2.5L14 9V3M7 15h10",
  ok: "m5 12.5 4.5 4.5L19 7",
  bad: "M6 6l12 12M18 6 6 18",
  warn: "M12 4 2.5 20h19zM12 10v4M12 17v.5",
  wait: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  none: "M5 12h14",
  unknown: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.5",
  pause: "M8 5v14M16 5v14",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
  down: "m6 9 6 6 6-6",
  right: "m9 6 6 6-6 6",
  back: "M19 12H5M11 6l-6 6 6 6",
  close: "M6 6l12 12M18 6 6 18",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.5",
  replay: "M4 5v5h5M4.5 10A8 8 0 1 1 4 13",
  play: "M7 4.5v15l12-7.5z",
  plus: "M12 5v14M5 12h14",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  key: "M15 11a4 4 0 1 0-4-4c0 .5.1 1 .3 1.5L4 16v4h4v-2h2v-2h2l1.5-1.5c.5.3 1 .5 1.5.5",
  forget: "M15 4h4v16h-4M10 8l-4 4 4 4M6 12h9",
  edit: "M4 20h4L19 9l-4-4L4 16z",
  bin: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
};

/** An icon; without a label it is decoration. */
export function Icon({ name, label }) {
  const said = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return html`<svg class="icon" viewBox="0 0 24 24" ...${said}><path d=${PATHS[name]} /></svg>`;
}
