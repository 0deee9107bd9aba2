// Keys: whatever can be seen and has `data-key` is pressed by that key, never while something is typed. A button of
// Streamlit's cannot carry the attribute: it stands in a container whose class has it (keys.py).
(() => {
  if (window.overthink.keys) return;

  const TYPED_IN = "textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit]), [contenteditable=true], [role=combobox], [role=textbox]";
  const KEYED = "[data-key], [class*='st-key-ot-key-']";
  const SAID_MS = 2500;

  const isSeen = (element) => element.checkVisibility() && !element.matches(":disabled, [aria-disabled=true]") && !element.closest("[inert]");

  const heldKey = (box) => String.fromCodePoint(parseInt(/st-key-ot-key-([0-9a-f]+)/.exec(box.className)[1], 16));

  function keyOf(element) {
    if (element.dataset.key) return { key: element.dataset.key, says: element.dataset.says || words(element), element };
    const button = element.querySelector("button");
    return button && { key: heldKey(element), says: words(button), element: button };
  }

  const words = (element) => element.getAttribute("aria-label") || element.innerText.trim();

  // In the order of the page; of two with one key the first is pressed.
  function all() {
    const found = new Map();
    for (const each of [...document.querySelectorAll(KEYED)].map(keyOf))
      if (each && isSeen(each.element) && !found.has(each.key)) found.set(each.key, each);
    return found;
  }

  function press(element) {
    if (element.matches(TYPED_IN)) element.focus(), element.select?.();
    else element.click();
  }

  // Keys pressed before a page has come are meant for it: "next" is another link then.
  let waiting = [];

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.composedPath()[0].matches?.(TYPED_IN) || document.querySelector("dialog.ot-keys[open]")) return;
    const said = all().get(event.key);
    const mustWait = window.overthink.isComing() && (said ? said.element.matches("a[href]") : event.key.trim().length === 1);
    if (!said && !mustWait) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (mustWait) waiting.push(event.key);
    else press(said.element);
  }

  // One that the page does not have is dropped.
  function goOn() {
    while (waiting.length && !window.overthink.isComing()) {
      const said = all().get(waiting.shift());
      if (said) press(said.element);
    }
  }

  function made(name, text, parent, className = "") {
    const element = document.createElement(name);
    element.textContent = text;
    element.className = className;
    parent.append(element);
    return element;
  }

  // The browser's own dialog: escape closes it, and the focus goes back to where it was.
  function list() {
    const dialog = made("dialog", "", document.querySelector("[data-testid=stApp]"), "ot-keys");
    dialog.setAttribute("aria-label", "Keys of this page");
    const shown = getComputedStyle(document.querySelector("[data-testid=stApp]"));
    Object.assign(dialog.style, { background: shown.backgroundColor, color: shown.color });
    made("h2", "Keys", dialog);
    const rows = made("dl", "", dialog);
    for (const { key, says } of all().values()) made("kbd", key, made("dt", "", rows)), made("dd", says, rows);
    made("kbd", "Esc", made("dt", "", rows)), made("dd", "close this", rows);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.addEventListener("keydown", ({ key }) => key === "?" && dialog.close());
    dialog.showModal();
  }

  let silence;

  // Told to who sees and to who hears; what was told before goes.
  function say(text) {
    const toast = document.querySelector(".ot-toast") ?? made("div", "", document.body, "ot-toast");
    toast.setAttribute("role", "status");
    toast.textContent = text;
    clearTimeout(silence);
    silence = setTimeout(() => (toast.textContent = ""), SAID_MS);
  }

  // Without HTTPS a browser has no clipboard for pages, but copies what is selected.
  function copySelected(text) {
    const field = made("textarea", text, document.body);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    return isCopied;
  }

  async function copy(text, said) {
    const isCopied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
    say(isCopied || copySelected(text) ? said : "The browser does not let this page copy");
  }

  const DOES = {
    keys: list,
    link: () => copy(location.href, "Link copied"),
    copy: ({ text, what }) => copy(text, `${what} copied`),
  };

  function onClick(event) {
    const button = event.target.closest?.("[data-does]");
    if (button) DOES[button.dataset.does]?.(button.dataset);
  }

  function onSearch(event) {
    if (!event.target.matches("form.ot-search")) return;
    event.preventDefault();
    const text = new FormData(event.target).get("q").trim();
    event.target.querySelector("input").blur();
    if (text) window.overthink.open(`./search?${new URLSearchParams({ q: text })}`);
  }

  window.addEventListener("keydown", onKey, true);
  window.addEventListener("overthink-come", goOn);
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSearch, true);
  Object.assign(window.overthink, { keys: all, copy, say });
})();
