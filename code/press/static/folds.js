/* Opens the folded sections of a page: on paper, and where a link or a word that was searched for leads into one. */
"use strict";

(() => {
  const folds = [...document.querySelectorAll("details.press-fold")];

  const open = (inside) => {
    for (const fold of folds) if (fold.parentElement.contains(inside)) fold.open = true;
  };

  /** The browser opens a fold for a place inside it; not for the heading, in which the fold begins. */
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !folds.some((fold) => fold.parentElement.contains(target))) return;
    open(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();

  /* Sphinx marks what was searched for a moment after the page is there. */
  addEventListener("load", () => setTimeout(() => document.querySelectorAll(".press-fold .highlighted").forEach(open), 20));

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folds.filter((fold) => !fold.open);
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
})();
