/* Opens the folded sections of a page: on paper, and where a link or a word that was searched for leads into one. */
"use strict";

(() => {
  const folds = [...document.querySelectorAll("details.press-fold")];

  const closedAround = (place) => folds.filter((fold) => !fold.open && fold.parentElement.contains(place));
  const open = (place) => closedAround(place).forEach((fold) => (fold.open = true));

  /** The browser opens a fold for a place inside it; not for the heading, in which the fold begins. */
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !closedAround(target).length) return;
    open(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();

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
