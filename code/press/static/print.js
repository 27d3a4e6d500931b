/* Paper is white: a page is printed in the light theme, whatever the reader's is. */
"use strict";

(() => {
  const root = document.documentElement;
  let theme;

  const print = (printing) => {
    if (printing === (theme !== undefined)) return;
    [theme, root.dataset.theme] = printing ? [root.dataset.theme, "light"] : [undefined, theme];
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  matchMedia("print").addEventListener("change", ({ matches }) => print(matches));
})();
