/* Open suggestions of Automation Scout, to accept or dismiss. Every text comes from the
   entities or the translations of Home Assistant, and is only ever set as text. */
const DOMAIN = "automation_scout";
const TYPE = "automation-scout-card";
const STYLE = `
.head { display: flex; gap: 8px; padding: 16px 16px 4px; }
h2 { flex: 1; margin: 0; font-size: 16px; font-weight: 500; }
h2, p, b { overflow-wrap: anywhere; }
.head span, .sure, summary ~ p, .empty { color: var(--secondary-text-color); }
ul { list-style: none; margin: 0; padding: 0 16px 8px; }
li { padding: 12px 0 8px; }
li + li { border-top: 1px solid var(--divider-color); }
p { margin: 8px 0 0; }
.empty { margin: 0; padding: 4px 16px 16px; }
summary { display: flex; gap: 8px; cursor: pointer; }
summary::before { content: "▸"; }
[open] > summary::before { content: "▾"; }
b { flex: 1; min-width: 0; font-weight: 400; }
div:has(> button) { display: flex; justify-content: flex-end; gap: 8px; margin-top: 8px; }
button { font: inherit; font-weight: 500; padding: 6px 12px; border: 0; cursor: pointer;
  border-radius: 16px; background: none; color: var(--primary-color); }
button:hover, button:focus-visible { background: var(--secondary-background-color); }
button:disabled { opacity: 0.5; }
.error { color: var(--error-color); }
dialog { max-width: 420px; padding: 16px 24px; border: 0; border-radius: 16px;
  font: inherit; color: var(--primary-text-color);
  background: var(--card-background-color, #fff); }
dialog::backdrop { background: #0008; }`;

const make = (tag, attributes = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children);
  return element;
};

const isList = (hass, entityId) => {
  const entity = hass.entities?.[entityId];
  return entity?.platform === DOMAIN && entity.translation_key === "suggestions"
    && entityId.startsWith("sensor.");
};

const listOf = (hass) => Object.keys(hass.entities ?? {}).find((id) => isList(hass, id));

class AutomationScoutCard extends HTMLElement {
  #hass;
  #config = {};
  #shown = [];
  #open = new Set();
  #errors = new Map();
  #busy = new Set();
  #texts;

  static getStubConfig(hass) {
    return { entity: listOf(hass) };
  }

  setConfig(config) {
    this.#config = config;
    this.#update(true);
  }

  set hass(hass) {
    if (this.#hass?.language !== hass.language) {
      this.#texts = Promise.allSettled(["services", "exceptions", "selector"].map(
        (part) => hass.loadBackendTranslation(part, DOMAIN)));
    }
    this.#hass = hass;
    this.#update();
  }

  getCardSize() {
    return 1 + 2 * this.#items().length;
  }

  getGridOptions() {
    return { columns: 12, min_columns: 6, rows: "auto" };
  }

  #text(path, values) {
    return this.#hass.localize(`component.${DOMAIN}.${path}`, values) || "";
  }

  #list() {
    return this.#hass?.states[this.#config.entity ?? listOf(this.#hass)];
  }

  #items() {
    return this.#list()?.attributes.suggestions ?? [];
  }

  /* The sensor of each suggestion knows what the list leaves out. */
  #details() {
    const found = new Map();
    for (const { platform, entity_id: id } of Object.values(this.#hass.entities ?? {})) {
      const state = platform === DOMAIN && this.#hass.states[id];
      if (state && id.startsWith("sensor.") && state.attributes.suggestion_id) {
        found.set(state.attributes.suggestion_id, state);
      }
    }
    return found;
  }

  /* Home Assistant sets `hass` at every change in the home; drawn is what concerns us. */
  #update(force = false) {
    if (!this.#hass) return;
    const details = this.#details();
    const { user, localize } = this.#hass;
    const shown = [this.#list(), user, localize, ...details.values()];
    if (!force && shown.length === this.#shown.length
      && shown.every((part, index) => part === this.#shown[index])) return;
    this.#shown = shown;
    this.#draw(details);
  }

  #draw(details = this.#details()) {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (root.querySelector("dialog")) return;
    const list = this.#list();
    const items = this.#items();
    const title = this.#config.title ?? list?.attributes.friendly_name ?? "";
    const empty = this.#text(`selector.card.options.${list ? "nothing" : "missing"}`);
    root.replaceChildren(
      make("style", { textContent: STYLE }),
      make("ha-card", {},
        make("div", { className: "head" },
          make("h2", { textContent: title }),
          make("span", { textContent: items.length || "" })),
        items.length
          ? make("ul", {}, ...items.map((item) => this.#row(item, details.get(item.id))))
          : make("p", { className: "empty", textContent: empty })));
  }

  #row(item, state) {
    const { description, rationale } = state?.attributes ?? {};
    const percent = new Intl.NumberFormat(this.#hass.language, { style: "percent" });
    const why = make("details", { open: this.#open.has(item.id) },
      make("summary", {},
        make("b", { textContent: item.title }),
        make("span", { className: "sure", textContent: percent.format(item.confidence) })),
      ...[description, rationale].filter(Boolean).map((text) => make("p", { textContent: text })));
    why.addEventListener("toggle", () => {
      this.#open[why.open ? "add" : "delete"](item.id);
    });
    const row = make("li", {}, why);
    const error = this.#errors.get(item.id);
    if (error) row.append(make("p", { className: "error", role: "alert", textContent: error }));
    if (this.#hass.user?.is_admin) {
      row.append(make("div", {}, ...["dismiss", "accept"].map((action) =>
        this.#button(this.#text(`services.${action}.name`) || action,
          () => this.#call(action, item),
          this.#busy.has(item.id)))));
    }
    return row;
  }

  #button(textContent, onclick, disabled = false) {
    return make("button", { type: "button", textContent, onclick, disabled });
  }

  async #call(action, item, more = {}) {
    this.#busy.add(item.id);
    this.#errors.delete(item.id);
    this.#draw();
    let ask;
    try {
      const data = { suggestion_id: item.id, ...more };
      await this.#hass.callService(DOMAIN, action, data, undefined, false);
    } catch (err) {
      await this.#texts;
      const key = err.translation_key;
      const said = key && this.#text(`exceptions.${key}.message`, err.translation_placeholders);
      if (key === "confirmation_needed") ask = said || err.message;
      else this.#errors.set(item.id, said || err.message || String(err));
    }
    this.#busy.delete(item.id);
    this.#draw();
    // Who has left the view by now is not asked; a dialog is only shown on a page.
    if (ask && this.isConnected) this.#ask(item, ask);
  }

  /* The backend has refused, and said why it wants a confirmation. */
  #ask(item, textContent) {
    const dialog = make("dialog", {},
      make("p", { textContent }),
      make("div", {},
        this.#button(this.#hass.localize("ui.common.cancel"), () => dialog.close()),
        this.#button(this.#text("services.accept.name"), () => dialog.close("yes"))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue) this.#call("accept", item, { confirm: true });
      else this.#draw();
    });
    this.shadowRoot.append(dialog);
    dialog.showModal();
  }
}

/* Loaded from the cache this runs before Home Assistant has put its registry of elements
   in the browser's place, which knows nothing of what was defined before. */
const define = () => {
  if (customElements.get(TYPE)) return;
  customElements.define(TYPE, AutomationScoutCard);
  (window.customCards ??= []).push({
    type: TYPE,
    name: "Automation Scout",
    preview: true,
    getEntitySuggestion: (hass, entity) =>
      isList(hass, entity) ? { config: { type: `custom:${TYPE}`, entity } } : null,
  });
};
["home-assistant", "hc-main"].forEach((app) => customElements.whenDefined(app).then(define));
