// The search page: Sphinx finds, this asks and tells. Words are taken as a reader types them: without accents, years
// too. A find is shown as prose, from where the words stand. Loaded after Sphinx's search and its index.
"use strict";
{
  const said = document.currentScript.dataset;
  const WORD = /[\p{L}\p{N}_]+/gu;
  const LENGTH = 240; // characters of a snippet
  const BEFORE = 80; // of them before the first word found

  /** Small letters without accents, one for each character of a text in its composed form. */
  const bare = (text) => Array.from(text.toLowerCase(), (c) => (c.length === 1 ? c.normalize("NFD")[0] : c)).join("");

  // How the book writes the words of its titles and terms, by what is left of them without accents.
  const written = new Map();
  for (const name of [...Object.keys(Search._index.alltitles), ...Object.keys(Search._index.indexentries)])
    for (const word of name.normalize("NFC").toLowerCase().match(WORD) ?? [])
      written.set(bare(word), new Set([...(written.get(bare(word)) ?? []), word]));

  // A term is also found without its accents where the book has that word, too: neocognitron.
  for (const [name, places] of Object.entries(Search._index.indexentries))
    Search._index.indexentries[bare(name)] ??= places;

  /** A word with the accents that a reader left out. */
  const spelled = (word) => {
    const known = written.get(word); // none if there are accents
    return known && !known.has(word) ? [...known][0] : word;
  };

  Search._parseQuery = (query) => {
    const asked = query.normalize("NFC").toLowerCase().trim().replace(WORD, spelled);
    const words = asked.match(WORD) ?? [];
    const wanted = words.filter((word) => !stopwords.includes(word));
    const stemmer = new Stemmer();
    try {
      localStorage.setItem("sphinx_highlight_terms", wanted.join(" "));
    } catch {
      // site data are blocked: the page found will mark no words
    }
    return [asked, new Set(wanted.map((word) => stemmer.stemWord(word))), new Set(), new Set(wanted), new Set(words)];
  };

  Search.query = (query) => {
    const [asked, stems, without, words, objects] = Search._parseQuery(query);
    const all = Search._performSearch(asked, stems, without, words, objects).reverse();
    const found = all.filter(([page, , anchor]) => anchor || !all.some((other) => other[0] === page && other[2]));
    for (const place of found) _displayItem(place, stems, words);
    Search.stopPulse();
    Search.title.textContent = _("Search Results");
    const sentence = { 0: said.none, 1: said.one }[found.length] ?? said.many;
    Search.status.textContent = sentence.replace("{count}", found.length).replace("{asked}", () => query);
  };

  /** What a page, or the place `anchor` in it, says in words. */
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const place = anchor ? page.getElementById(decodeURIComponent(anchor.slice(1))) : null;
    const term = place?.closest("dt");
    const parts = term ? [term, term.nextElementSibling] : [place ?? page.querySelector("article") ?? page.body];
    return parts.filter(Boolean).map(prose).join(" ").normalize("NFC").replace(/\s+/g, " ").trim();
  };

  /** The text of a part of a page, formulas as letters where they are such, else left out. */
  const prose = (part) => {
    for (const other of part.querySelectorAll(".headerlink, script, style, noscript, div.math, button")) other.remove();
    for (const formula of part.querySelectorAll(".math")) {
      const letters = formula.textContent.replace(/^\\\(|\\\)$/g, "");
      formula.textContent = /[\\{}^_]/.test(letters) ? "…" : letters;
    }
    for (const block of part.querySelectorAll("dt, dd, p, li, td, th, h1, h2, h3, h4, pre")) block.append(" ");
    return part.textContent;
  };

  Search.makeSearchSummary = (html, stems, anchor) => {
    const text = Search.htmlToText(html, anchor);
    const words = [...bare(text).matchAll(WORD)];
    const first = words.find(([word]) => [...stems].some((stem) => word.startsWith(bare(stem))))?.index ?? 0;
    const start = first < BEFORE ? 0 : text.indexOf(" ", first - BEFORE) + 1;
    const summary = document.createElement("p");
    summary.className = "context";
    const rest = text.slice(start);
    const shown = rest.length > LENGTH ? `${rest.slice(0, rest.lastIndexOf(" ", LENGTH))} …` : rest;
    summary.textContent = `${start ? "… " : ""}${shown}`;
    return summary;
  };
}
