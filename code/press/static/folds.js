/* Opens the folded sections of a page: on paper, and where a link or a word that was searched for leads into one. */
"use strict";

(() => {
  const folds = [...document.querySelectorAll("details.press-fold")];

  const closedAround = (place) => folds.filter((fold) => !fold.open && fold.parentElement.contains(place));
  const open = (place) => closedAround(place).forEach((fold) => (fold.open = true));

  const placeOf = (url) => document.getElementById(decodeURIComponent(new URL(url).hash.slice(1)));

  /** The browser opens a fold for a place inside it; not for the heading, in which the fold begins. */
  const follow = () => {
    const target = placeOf(location.href);
    if (!target || !closedAround(target).length) return;
    open(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();

  /* Browsers that tell of a jump beforehand: while a fold opens, what it pushes away is out of sight. */
  const page = document.documentElement;
  globalThis.navigation?.addEventListener("navigate", ({ hashChange, destination }) => {
    const target = hashChange && placeOf(destination.url);
    if (!target || !closedAround(target).length) return;
    page.classList.add("press-opening");
    open(target);
    requestAnimationFrame(() => requestAnimationFrame(() => page.classList.remove("press-opening")));
  });

  /* Words that were searched for: the theme loads the search on each page, and Sphinx takes that for the search page. */
  addEventListener("load", () => {
    SphinxHighlight.highlightSearchWords();
    setTimeout(() => document.querySelectorAll(".press-fold .highlighted").forEach(open), 20); // Sphinx's own waits 10
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folds.filter((fold) => !fold.open);
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
})();
