// Every link of the dashboard's own, in a text, a table or a plot, opens its page here. Streamlit's history is the
// browser's: its own handling of Back and Forward is what goes forward, too, so that an address alone says what is shown.
(() => {
  if (window.overthink) return;

  const main = () => document.querySelector('[data-testid="stMain"]');
  const isConnected = () => document.querySelector('[data-testid="stApp"]')?.dataset.testConnectionState === "CONNECTED";

  // "?name=value" is the address that is open but for these parameters; anything else is an address.
  function whole(href) {
    if (!href.startsWith("?")) return new URL(href, location.href);
    const changes = new URLSearchParams(href), made = new URL(location.href);
    for (const name of new Set(changes.keys())) {
      made.searchParams.delete(name);
      for (const value of changes.getAll(name)) if (value !== "") made.searchParams.append(name, value);
    }
    made.hash = "";
    return made;
  }

  // What was asked for and has not come: of a tab that was just loaded any page, later the one of the address. The server
  // says of each page which address it was drawn for, once all of it is drawn (ways.py): no clock knows that.
  const ANY = "any";
  let asked = ANY;

  const told = (page, parameters) => JSON.stringify([page, parameters.map(String).sort()]);

  const lastPart = (path) => path.split("/").pop();

  const again = new PopStateEvent("popstate", { state: {} });
  let isAskedAgain = false;

  // A jump within the page asks for nothing.
  function ask(event) {
    if (location.hash) return;
    asked = told(lastPart(location.pathname), [...new URLSearchParams(location.search)]);
    isAskedAgain = event === again;
    if (!isAskedAgain) askedAt = location.href;
  }

  let askedAt;

  function come(page, parameters) {
    if (asked && asked !== ANY && asked !== told(page, parameters)) return askAgain(page);
    asked = null;
    window.dispatchEvent(new Event("overthink-come"));
  }

  // What was typed into a field goes out late, and has the page that was left drawn once more, in the place of the next.
  function askAgain(page) {
    if (isAskedAgain || page === lastPart(new URL(askedAt).pathname)) return;
    history.replaceState({}, "", askedAt);
    window.dispatchEvent(again);
  }

  // Streamlit writes the page of each run into the history, even of a late one of a page that was left: Back would lead to
  // it, without its parameters. Only what is asked here opens a page; of a tab that was just loaded Streamlit may, too.
  const push = history.pushState.bind(history);
  history.pushState = (state, title, href) => {
    if (asked === ANY || new URL(href ?? "", location.href).pathname === location.pathname) push(state, title, href);
  };

  // How far each address that was left had been scrolled, for Back and Forward.
  const left = new Map();

  // The page comes in pieces, and grows for a while once it has: until then, or until somebody scrolls, it is put where it was.
  function scrollBack({ isTrusted }) {
    const top = left.get(location.href);
    if (!isTrusted || !top) return;
    let triesLeft = 50;
    const timer = setInterval(() => {
      main()?.scrollTo(0, top);
      if (asked === null && (main()?.scrollTop === top || !(triesLeft -= 1))) clearInterval(timer);
    }, 100);
    for (const name of ["wheel", "pointerdown", "keydown"])
      window.addEventListener(name, () => clearInterval(timer), { capture: true, once: true });
  }

  // What `replaces` is another thing at the same place: Back leaves the place, not only the thing.
  function open(href, replaces = false) {
    const address = whole(href);
    if (!isConnected()) return replaces ? location.replace(address) : location.assign(address);
    left.set(location.href, main()?.scrollTop);
    if (address.pathname !== location.pathname) main()?.scrollTo(0, 0);
    if (replaces) history.replaceState({}, "", address);
    else push({}, "", address);
    ask();
    setTimeout(() => window.dispatchEvent(new PopStateEvent("popstate", { state: {} }))); // after what was typed, which goes out so, too
  }

  const folder = (path) => path.slice(0, path.lastIndexOf("/") + 1);

  // A page of the dashboard: beside this one, and no file.
  function isOurs(link) {
    if (link.origin !== location.origin || folder(link.pathname) !== folder(location.pathname)) return false;
    return !link.hash && !link.pathname.split("/").pop().includes(".") && !link.hasAttribute("download") && !link.hasAttribute("disabled");
  }

  const linkOf = (event) => event.target.closest?.("a[href]");

  // Before a link is clicked, copied or opened in another tab, it has its whole address.
  function complete(event) {
    const link = linkOf(event);
    if (!link) return;
    if (link.getAttribute("href").startsWith("?")) link.dataset.here = link.getAttribute("href");
    if (link.dataset.here) link.href = whole(link.dataset.here);
  }

  let pressed = null;

  function onPress(event) {
    const link = linkOf(event);
    pressed = link && { link, x: event.clientX, y: event.clientY };
  }

  // A table that is drawn anew between press and release takes the link away under the pointer: the press counts.
  function clickedLink(event) {
    const link = linkOf(event);
    if (link || !pressed || pressed.link.isConnected) return link;
    return Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < 5 ? pressed.link : null;
  }

  function onClick(event) {
    complete(event);
    const link = clickedLink(event);
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !isOurs(link)) return;
    event.preventDefault();
    event.stopPropagation();
    open(link.href, "replaces" in link.dataset);
  }

  // A mark of a plot is no link, and is opened like one.
  function visit(href, event) {
    if (event.button === 1 || event.ctrlKey || event.metaKey) window.open(whole(href), "_blank");
    else if (!event.button) open(href);
  }

  window.addEventListener("popstate", ask);
  window.addEventListener("popstate", scrollBack);
  document.addEventListener("pointerover", complete, true);
  document.addEventListener("focusin", complete, true);
  document.addEventListener("pointerdown", onPress, true);
  document.addEventListener("click", onClick, true);
  window.overthink = { open, visit, come, isComing: () => asked !== null };
  if (window.overthinkSaid) come(...window.overthinkSaid);
})();
