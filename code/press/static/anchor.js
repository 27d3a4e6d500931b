/* A page that is opened at a place far down is shown when its formulas are set: as they are written they take other
   room, and everything below the first would jump. Runs before the page is drawn; who scrolls meanwhile is let go. */
"use strict";

(() => {
  const LONGEST = 3000; // milliseconds, after which the page is shown as it is
  const page = document.documentElement;
  let shown = false, scrolled = false;

  const hold = () => !shown && location.hash.length > 1 && page.classList.add("press-held");
  const show = () => {
    if (shown) return;
    shown = true;
    if (!page.classList.contains("press-held")) return;
    const [{ type } = {}] = performance.getEntriesByType("navigation"); // going back, the browser knows the place
    if (!scrolled && type !== "reload" && type !== "back_forward") document.querySelector(":target")?.scrollIntoView();
    page.classList.remove("press-held");
  };
  const letGo = () => {
    scrolled = true;
    show();
  };
  hold();
  addEventListener("hashchange", hold);
  for (const kind of ["wheel", "touchmove"]) addEventListener(kind, letGo, { once: true, passive: true });
  /** Formulas that are laid out ask for their letters, which are wider or narrower than those that stand in for them. */
  const lettered = () => {
    page.getBoundingClientRect();
    return document.fonts.ready;
  };
  addEventListener("DOMContentLoaded", () =>
    (window.MathJax?.startup?.promise ?? Promise.resolve()).then(lettered).then(show, show)
  );
  setTimeout(show, LONGEST);
})();
