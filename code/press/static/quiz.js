// Turns each quiz of the page (see press/quiz.py) into a form. What it says comes from the page, in its language.
// Nodes are moved, never copied from their text, so that typeset mathematics stays as it is.
"use strict";

(() => {
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

  /** Every number that `text` may mean: a lone sign before three digits is a decimal sign or separates thousands. */
  const readings = (text) => {
    const bare = text.trim().replace(/[\s'’_]|%$/g, "").replace(/^[−–]/, "-");
    if (!/^[+-]?(?=[.,]?\d)[\d.,]*(e[+-]?\d+)?$/i.test(bare)) return [];
    const [mantissa, exponent = ""] = bare.toLowerCase().split(/(?=e)/);
    const found = [];
    for (const [group, sign] of [[",", "."], [".", ","]]) {
      const [whole, fraction = "", ...more] = mantissa.split(sign);
      const grouped = new RegExp(`^[+-]?[1-9]\\d{0,2}(\\${group}\\d{3})+$`).test(whole);
      if (more.length || fraction.includes(group) || (whole.includes(group) && !grouped)) continue;
      found.push(Number(`${whole.replaceAll(group, "")}.${fraction}${exponent}`));
    }
    return found.filter(Number.isFinite);
  };

  /** Each kind builds its controls in the fieldset and returns check() and, where needed, reset(). */
  const kinds = {
    choice(quiz) {
      const { box, fieldset, list, words, id } = quiz;
      const right = new Set(box.dataset.answer.split(" ").map(Number));
      const reasons = [...box.querySelectorAll(":scope > details > .quiz-reasons > li")];
      reasons.forEach((reason, index) => { reason.value = index + 1; }); // numbered though some are moved away
      const options = [...list.children].map((item, index) => {
        const type = right.size > 1 ? "checkbox" : "radio";
        const input = make("input", { type, name: id, value: index + 1, id: `${id}-${index + 1}` });
        const label = make("label", { for: input.id }, make("span", {}, ...item.firstElementChild.childNodes));
        label.prepend(input);
        item.firstElementChild.replaceWith(label);
        return { item, input, right: right.has(index + 1), reason: reasons[index] };
      });
      fieldset.append(list);
      const tell = (option, index) => {
        option.item.classList.add(option.right ? "quiz-is-right" : "quiz-is-wrong");
        if (!option.reason) return;
        option.told = make("div", { class: "quiz-reason", id: `${id}-reason-${index + 1}` }, ...option.reason.childNodes);
        option.item.append(option.told);
        option.input.setAttribute("aria-describedby", option.told.id);
      };
      return {
        check() {
          const chosen = options.filter((option) => option.input.checked);
          if (!chosen.length) return { problem: words.empty, focus: options[0].input };
          options.forEach((option, index) => { if (option.input.checked) tell(option, index); });
          if (!chosen.every((option) => option.right)) return { right: false, text: words.wrong };
          return chosen.length === right.size ? { right: true } : { right: false, text: words.partly };
        },
        reset() {
          for (const option of options) {
            option.item.classList.remove("quiz-is-right", "quiz-is-wrong");
            option.input.removeAttribute("aria-describedby");
            if (option.told) option.reason.append(...option.told.childNodes);
            option.told?.remove();
            option.told = null;
          }
        },
      };
    },

    number({ box, fieldset, legend, words, id }) {
      legend.id = `${id}-legend`;
      const input = make("input", { type: "text", inputmode: "decimal", "aria-labelledby": legend.id });
      const row = make("p", { class: "quiz-number" }, input);
      const unit = box.querySelector(":scope > details > .quiz-unit");
      if (unit) {
        const shown = make("span", { id: `${id}-unit` }, ...unit.cloneNode(true).childNodes);
        input.setAttribute("aria-describedby", shown.id);
        row.append(" ", shown);
      }
      fieldset.append(row);
      input.addEventListener("input", () => input.removeAttribute("aria-invalid"));
      const { answer, tolerance } = box.dataset;
      const margin = Number(tolerance) + 1e-9 * Math.abs(answer);
      return {
        check() {
          const numbers = readings(input.value);
          if (!numbers.length) {
            input.setAttribute("aria-invalid", "true");
            return { problem: words.number, focus: input };
          }
          const right = numbers.some((number) => Math.abs(number - answer) <= margin);
          return { right, text: words.wrong };
        },
      };
    },

    order({ box, fieldset, list, words, id, say }) {
      const places = box.dataset.answer.split(" ").map(Number);
      const steps = [...list.children].map((item, index) => {
        item.value = index + 1; // a step keeps its letter wherever it is moved
        const text = item.firstElementChild;
        text.id = `${id}-step-${index + 1}`;
        const [up, down] = [["up", "↑", -1], ["down", "↓", 1]].map(([name, arrow, by]) => {
          const button = make("button", { type: "button", id: `${text.id}-${name}`, "aria-label": words[name] },
            make("span", { "aria-hidden": "true" }, arrow));
          button.setAttribute("aria-labelledby", `${button.id} ${text.id}`);
          button.addEventListener("click", () => move(item, by, button));
          return button;
        });
        item.append(make("div", { class: "quiz-step" }, text, make("span", { class: "quiz-moves" }, up, down)));
        return { item, place: places[index], up, down };
      });
      const mark = () => {
        for (const { item, up, down } of steps) {
          up.disabled = !item.previousElementSibling;
          down.disabled = !item.nextElementSibling;
        }
      };
      const move = (item, by, button) => {
        if (by < 0) item.previousElementSibling.before(item);
        else item.nextElementSibling.after(item);
        mark();
        (button.disabled ? item.querySelector("button:enabled") : button).focus();
        say(fill(words.moved, { place: [...list.children].indexOf(item) + 1, total: steps.length }), "note");
      };
      mark();
      fieldset.append(list);
      return {
        check() {
          const order = [...list.children];
          const count = steps.filter(({ item, place }) => order.indexOf(item) === place).length;
          return { right: count === steps.length, text: fill(words.placed, { count, total: steps.length }) };
        },
      };
    },
  };

  const start = (box, index) => {
    const words = JSON.parse(box.dataset.words);
    const id = `quiz-${index + 1}`;
    const [question, list, hint, answer] = [".quiz-question", ".quiz-options", ".quiz-hint", "details"].map(
      (part) => box.querySelector(`:scope > ${part}`));
    const asked = question.lastElementChild; // what comes before it stays above the form
    const legend = make("legend", {}, ...asked.childNodes);
    asked.remove();
    if (!question.children.length) question.remove();
    const fieldset = make("fieldset", {}, legend);
    if (hint) {
      hint.id = `${id}-hint`;
      fieldset.append(hint);
      fieldset.setAttribute("aria-describedby", hint.id);
    }
    const button = make("button", { type: "submit", class: "quiz-check" }, words.check);
    const verdict = make("p", { class: "quiz-verdict", role: "status", "aria-live": "polite" });
    const form = make("form", { novalidate: "", autocomplete: "off" }, fieldset,
      make("div", { class: "quiz-row" }, button, verdict));
    const say = (text, state) => {
      verdict.textContent = text;
      verdict.dataset.state = state;
    };
    const kind = kinds[box.dataset.kind]({ box, fieldset, legend, list, words, id, say });
    let checked = false;

    const check = () => {
      const { problem, focus, right, text } = kind.check();
      if (problem) {
        say(problem, "note");
        focus.focus();
        return;
      }
      checked = fieldset.disabled = true;
      say(right ? words.right : text, right ? "right" : "wrong");
      button.textContent = words.again;
      box.dataset.state = right ? "right" : "wrong";
      answer.open = right; // after a mistake the reader may still find it without help
    };
    const again = () => {
      checked = fieldset.disabled = answer.open = false;
      kind.reset?.();
      say("", "");
      button.textContent = words.check;
      delete box.dataset.state;
      (fieldset.querySelector("input:checked") ?? fieldset.querySelector("input, button:enabled")).focus();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      (checked ? again : check)();
    });
    form.addEventListener("input", () => say("", ""));
    answer.before(form);
  };

  document.querySelectorAll(".quiz[data-kind]").forEach(start);

  // Print answers too where the style sheet alone cannot unfold them.
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll(".quiz-answer:not([open])")];
    unfolded.forEach((answer) => { answer.open = true; });
  });
  window.addEventListener("afterprint", () => unfolded.forEach((answer) => { answer.open = false; }));
})();
