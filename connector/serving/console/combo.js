/* A text entry with choices: type to narrow them, or type what is not among them. */
import { html, useEffect, useId, useRef, useSignal } from "./preact.js";
import { Icon } from "./icons.js";
import { shortened } from "./format.js";

const SHOWN = 60;


/** `inputs`: what the choices depend on. `live`: they are searched again for what is typed. `blocked`: why there are none yet. */
export function Combo({ id, value, onInput, onPick, load, inputs, live = false, blocked = "", describedBy, invalid = false, placeholder }) {
  const list = useId();
  const open = useSignal(false), active = useSignal(-1), typed = useSignal(""), busy = useSignal(false);
  const options = useSignal(null);
  const trouble = useSignal("");
  const box = useRef(null);
  const asked = useRef(0);

  useEffect(() => {
    options.value = null;
  }, inputs);
  useEffect(() => {
    if (!open.value || blocked || (options.value !== null && !live)) return;
    const number = ++asked.current;
    const timer = setTimeout(async () => {
      busy.value = true;
      try {
        const found = await load(typed.value);
        if (number === asked.current) [options.value, trouble.value] = [found, ""];
      } catch (problem) {
        if (number === asked.current) [options.value, trouble.value] = [[], problem.message];
      }
      if (number === asked.current) busy.value = false;
    }, live && typed.value ? 250 : 0);
    return () => clearTimeout(timer);
  }, [open.value, live ? typed.value : "", options.value === null, blocked]);

  const wanted = typed.value.trim().toLowerCase();
  const shown = (options.value ?? []).filter((one) => live || !wanted || `${one.label} ${one.hint ?? ""}`.toLowerCase().includes(wanted)).slice(0, SHOWN);
  const close = () => ((open.value = false), (active.value = -1), (typed.value = ""));
  const pick = (option) => {
    (onPick ?? onInput)(option.value);
    close();
  };
  const keyed = (event) => {
    if (event.key === "Escape" && open.value) {
      event.stopPropagation();
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open.value) open.value = true;
      else if (shown.length) active.value = (active.value + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
      box.current?.querySelector(`[data-at="${active.value}"]`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && open.value && shown[active.value]) {
      event.preventDefault();
      pick(shown[active.value]);
    } else if (event.key === "Enter" && onPick && value.trim()) {
      event.preventDefault();
      onPick(value.trim());
      close();
    } else if (event.key === "Tab") close();
  };
  const left = (event) => {
    if (!(event.relatedTarget instanceof globalThis.Node && box.current?.contains(event.relatedTarget))) close();
  };
  return html`<div class="combo" ref=${box} onFocusOut=${left}>
    <input id=${id} type="text" role="combobox" autocomplete="off" spellcheck=${false} aria-autocomplete="list" value=${value} placeholder=${placeholder}
      aria-expanded=${String(open.value)} aria-controls=${list} aria-activedescendant=${active.value >= 0 ? `${list}-${active.value}` : undefined}
      aria-describedby=${describedBy} aria-invalid=${invalid ? "true" : undefined}
      onClick=${() => (open.value = true)} onKeyDown=${keyed}
      onInput=${(event) => ((typed.value = event.target.value), (active.value = -1), (open.value = true), onInput(event.target.value))} />
    <button type="button" class="opener" tabindex="-1" aria-label="Show the choices" onClick=${() => (open.value = !open.value)}><${Icon} name="down" /></button>
    <ul id=${list} class="options" role="listbox" hidden=${!open.value} aria-label="Choices">
      ${shown.map((option, at) => html`<li key=${`${option.value} ${at}`} id=${`${list}-${at}`} data-at=${at} role="option" aria-selected=${String(at === active.value)}
        onPointerDown=${(event) => event.preventDefault()} onClick=${() => pick(option)}>
        <span>${shortened(option.label, 120)}</span>${option.hint && html`<small>${option.hint}</small>`}</li>`)}
      ${!shown.length && html`<li class="note" role="option" aria-disabled="true" aria-selected="false">${blocked || trouble.value || (busy.value || options.value === null ? "Reading the choices …" : "Nothing fits; it is sent as you write it.")}</li>`}
    </ul>
  </div>`;
}
