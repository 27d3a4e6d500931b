// The way to another edition leads to the same place of the page.
"use strict";
{
  const follow = () => {
    for (const link of document.querySelectorAll("a.press-edition")) link.hash = location.hash;
  };
  addEventListener("hashchange", follow);
  follow();
}
