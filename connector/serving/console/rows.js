/* Long lists: only the rows in sight are in the document, and keys on the keyboard move among them. */
import { html, useEffect, useRef, useSignal } from "./preact.js";
import { letters } from "./state.js";

const MARGIN = 12;

/** A table of rows of one height that scrolls by itself. */
export function Rows({ rows, idOf, view, heads, label, open, chosen = "", onKey, onEnd, onTop }) {
  const box = useRef(null);
  const top = useSignal(0), height = useSignal(800), active = useSignal("");
  const size = useSignal(45);
  useEffect(() => {
    const measured = () => {
      if (!box.current) return;
      height.value = box.current.clientHeight;
      size.value = box.current.clientWidth < 620 ? 77 : 45;
    };
    measured();
    const observer = new ResizeObserver(measured);
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(top.value / size.value) - MARGIN);
  const last = Math.min(rows.length, Math.ceil((top.value + height.value) / size.value) + MARGIN);
  const scrolled = () => {
    const { scrollTop = 0, clientHeight = 0, scrollHeight = 0 } = box.current ?? {};
    top.value = scrollTop;
    onTop?.(scrollTop < size.value);
    if (scrollTop + clientHeight > scrollHeight - 20 * size.value) onEnd?.();
  };
  const move = (by) => {
    const at = Math.min(Math.max(rows.findIndex((row) => idOf(row) === active.value) + by, 0), rows.length - 1);
    if (!rows[at] || !box.current) return;
    active.value = idOf(rows[at]);
    const from = at * size.value, { scrollTop, clientHeight } = box.current;
    if (from < scrollTop) box.current.scrollTop = from;
    else if (from + 2 * size.value > scrollTop + clientHeight - 40) box.current.scrollTop = from + 2 * size.value - clientHeight + 40;
  };
  const keyed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key === "ArrowDown" || (letters.value && event.key === "j") ? 1 : event.key === "ArrowUp" || (letters.value && event.key === "k") ? -1 : 0;
    const row = rows.find((one) => idOf(one) === active.value);
    if (step) move(step);
    else if (row && event.key === "Enter" && event.target === box.current) open(row);
    else if (!(row && letters.value && onKey?.(event.key, row))) return;
    event.preventDefault();
  };
  const gap = (count) => (count > 0 ? html`<tr class="gap" aria-hidden="true" style=${{ height: `${count * size.value}px` }}><td></td></tr>` : null);
  return html`<div class="rows" ref=${box} tabindex="0" role="region" aria-label=${`${label}: arrow keys move, Enter opens`} onScroll=${scrolled} onKeyDown=${keyed}>
    <table aria-rowcount=${rows.length + 1}><thead><tr>${heads}</tr></thead>
      <tbody>${gap(first)}${rows.slice(first, last).map((row, at) => {
        const id = idOf(row);
        const kind = `${id === chosen ? "chosen" : ""} ${id === active.value ? "active" : ""}`;
        return html`<tr key=${id} class=${kind} aria-rowindex=${first + at + 2} onClick=${(event) => isPlain(event) && ((active.value = id), open(row))}>${view(row)}</tr>`;
      })}${gap(rows.length - last)}</tbody></table>
  </div>`;
}

/** Whether it is not about something inside that has a purpose of its own. */
const isPlain = (event) => !(event.target instanceof Element && event.target.closest("a, button, input, label"));
