/* Open suggestions of Automation Scout, to accept or dismiss. Every text comes from the
   entities or the translations of Home Assistant, and is only ever set as text. */
const DOMAIN = "automation_scout";
const TYPE = "automation-scout-card";
const STYLE = `
  .head { display: flex; align-items: baseline; gap: 8px; padding: 16px 16px 8px; }
  h2 { flex: 1; margin: 0; font: inherit; overflow-wrap: anywhere;
    font-size: var(--ha-font-size-l, 16px); font-weight: var(--ha-font-weight-medium, 500); }
  .count, .sure, .body, .empty { color: var(--secondary-text-color); }
  ul { list-style: none; margin: 0; padding: 0 16px 8px; }
  li { padding: 8px 0; }
  li + li { border-top: 1px solid var(--divider-color); }
  .empty { margin: 0; padding: 0 16px 16px; }
  summary { display: flex; gap: 8px; cursor: pointer; list-style: none; }
  summary::-webkit-details-marker { display: none; }
  summary span:first-child { flex: 1; min-width: 0; overflow-wrap: anywhere; }
  .body p { margin: 8px 0 0; overflow-wrap: anywhere; }
  .acts { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 8px; margin-top: 4px; }
  button { font: inherit; font-weight: 500; padding: 6px 12px; cursor: pointer; border: 0;
    border-radius: 16px; background: none; color: var(--primary-color); }
  button:hover, button:focus-visible { background: var(--secondary-background-color); }
  button:disabled { opacity: 0.5; cursor: default; }
  .error { color: var(--error-color); margin: 4px 0 0; overflow-wrap: anywhere; }
  dialog { max-width: 420px; padding: 24px; border: 0; border-radius: 16px; font: inherit;
    color: var(--primary-text-color);
    background: var(--ha-card-background, var(--card-background-color, #fff)); }
  dialog::backdrop { background: rgba(0, 0, 0, 0.5); }
  dialog p { margin: 0 0 16px; overflow-wrap: anywhere; }`;

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
    const entity = listOf(hass);
    return entity ? { entity } : {};
  }

  setConfig(config) {
    this.#config = config;
    this.#shown = [];
    this.#update();
  }

  set hass(hass) {
    const before = this.#hass;
    this.#hass = hass;
    if (before?.language !== hass.language || !this.#texts) {
      this.#texts = Promise.all(
        ["services", "exceptions", "selector"].map((part) =>
          hass.loadBackendTranslation(part, DOMAIN))
      ).then(() => { this.#shown = []; this.#update(); }, () => {});
    }
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
    for (const entity of Object.values(this.#hass.entities ?? {})) {
      const state = entity.platform === DOMAIN && this.#hass.states[entity.entity_id];
      if (state?.attributes.suggestion_id && entity.entity_id.startsWith("sensor.")) {
        found.set(state.attributes.suggestion_id, state);
      }
    }
    return found;
  }

  #update() {
    if (!this.#hass) return;
    const details = this.#details();
    const shown = [this.#list(), this.#hass.user?.is_admin, this.#hass.language,
      ...details.values()];
    const same = shown.length === this.#shown.length
      && shown.every((part, index) => part === this.#shown[index]);
    if (same) return;
    this.#shown = shown;
    this.#draw(details);
  }

  #draw(details = this.#details()) {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (root.querySelector("dialog[open]")) return;
    const list = this.#list();
    const items = this.#items();
    const title = this.#config.title ?? list?.attributes.friendly_name ?? "";
    const card = make("ha-card", {},
      make("div", { className: "head" },
        make("h2", { textContent: title }),
        make("span", { className: "count", textContent: list ? items.length : "" })));
    if (items.length) {
      card.append(make("ul", {},
        ...items.map((item) => this.#row(item, details.get(item.id)))));
    } else {
      const key = list ? "nothing" : "missing";
      card.append(make("p", {
        className: "empty", textContent: this.#text(`selector.card.options.${key}`),
      }));
    }
    root.replaceChildren(make("style", { textContent: STYLE }), card);
  }

  #row(item, state) {
    const texts = [state?.attributes.description, state?.attributes.rationale];
    const why = make("details", { open: this.#open.has(item.id) },
      make("summary", {},
        make("span", { textContent: item.title }),
        make("span", { className: "sure", textContent: this.#percent(item.confidence) })),
      make("div", { className: "body" },
        ...texts.filter(Boolean).map((text) => make("p", { textContent: text }))));
    why.addEventListener("toggle", () => {
      if (why.open) this.#open.add(item.id); else this.#open.delete(item.id);
    });
    const row = make("li", {}, why);
    if (this.#hass.user?.is_admin) {
      row.append(make("div", { className: "acts" },
        this.#button("dismiss", item), this.#button("accept", item)));
    }
    const error = this.#errors.get(item.id);
    if (error) row.append(make("p", { className: "error", role: "alert", textContent: error }));
    return row;
  }

  #percent(share) {
    const form = new Intl.NumberFormat(this.#hass.language, { style: "percent" });
    return form.format(share);
  }

  #button(action, item) {
    const button = make("button", {
      type: "button",
      textContent: this.#text(`services.${action}.name`) || action,
      disabled: this.#busy.has(item.id),
    });
    button.addEventListener("click", () => this.#call(action, item));
    return button;
  }

  async #call(action, item, more = {}) {
    this.#busy.add(item.id);
    this.#errors.delete(item.id);
    this.#draw();
    let ask = false;
    try {
      const data = { suggestion_id: item.id, ...more };
      await this.#hass.callService(DOMAIN, action, data, undefined, false);
    } catch (err) {
      await this.#texts;
      ask = err.translation_key === "confirmation_needed" && !more.confirm;
      if (!ask) this.#errors.set(item.id, this.#told(err));
      else this.#confirm(item, this.#told(err));
    }
    this.#busy.delete(item.id);
    if (!ask) this.#draw();
  }

  #told(err) {
    const { translation_key: key, translation_placeholders: values } = err;
    return (key && this.#text(`exceptions.${key}.message`, values)) || err.message || String(err);
  }

  /* The backend said, just now, that this one has to be confirmed. */
  #confirm(item, question) {
    this.#busy.delete(item.id);
    this.#draw();
    const dialog = make("dialog", {}, make("p", { textContent: question }));
    const choose = (value, text) => {
      const button = make("button", { type: "button", textContent: text });
      button.addEventListener("click", () => dialog.close(value));
      return button;
    };
    dialog.append(make("div", { className: "acts" },
      choose("", this.#hass.localize("ui.common.cancel") || "✕"),
      choose("yes", this.#text("services.accept.name"))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue === "yes") this.#call("accept", item, { confirm: true });
      else this.#draw();
    });
    this.shadowRoot.append(dialog);
    dialog.showModal();
  }
}

if (!customElements.get(TYPE)) {
  customElements.define(TYPE, AutomationScoutCard);
  window.customCards = window.customCards ?? [];
  window.customCards.push({
    type: TYPE,
    name: "Automation Scout",
    preview: true,
    getEntitySuggestion: (hass, entityId) =>
      isList(hass, entityId) ? { config: { type: `custom:${TYPE}`, entity: entityId } } : null,
  });
}
