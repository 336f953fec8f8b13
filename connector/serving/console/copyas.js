/* A call in the words of other tools, to be copied. */
import { html, useSignal } from "./preact.js";
import { connection } from "./api.js";
import { Button, Tabs } from "./parts.js";
import { LANGUAGES, languagesOf } from "./snippets.js";
import { copy } from "./state.js";

export function CopyAs({ operation, call, values }) {
  const chosen = useSignal("curl");
  const names = languagesOf(operation), language = chosen.value;
  const where = { app: new URL("../../", import.meta.url).href, site: connection.value?.site || "support.example.com" };
  const text = LANGUAGES[language](operation, call, where, values);
  return html`<section class="copyas" aria-label="Copy as">
    <header><h2>Copy as</h2><span class="push"></span><${Button} icon="copy" kind="small" onClick=${() => copy(text, `Copied for ${language}`)}>Copy<//></header>
    <${Tabs} label="Languages" names=${names} of=${chosen} />
    <pre class="code" role="tabpanel" tabindex="0" aria-label=${language}>${text}</pre>
  </section>`;
}
