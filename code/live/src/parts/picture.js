// The reader's own picture as a network's input: from a file, the camera, dropped or pasted. It stays in the page.
import { reason, Told } from "../told.js";
import { button, h } from "../ui.js";
import { t } from "../words.js";
import { Camera } from "./camera.js";
import { decode } from "./decode.js";
import css from "./picture.css";
import { reader, tensor } from "./tensor.js";

const SHOWN = 400; // pixels of the longer side of what is shown

export class Picture {
  /**
   * `shape` says what the network wants, as tensor() of tensor.js: {height, width, channels, fit, mean, std}. `onpicture({image, picture, name})` gets the
   * input {dims, data}, what the reader sees of it (a canvas), and its name. `sample(seed)` draws a canvas, another one for each seed.
   */
  constructor({ label, shape, sample, onpicture }) {
    Object.assign(this, { shape, onpicture, seed: 0 });
    this.camera = new Camera({ ontake: (promise) => this.take(async () => ({ bitmap: await promise, note: "" })), onclose: () => film.focus() });
    const film = button(t("Camera"), () => this.camera.open().catch((error) => this.refuse(error)));
    this.file = h("input", { type: "file", accept: "image/*", hidden: true, onchange: () => this.files(this.file.files) });
    this.canvas = h("canvas", { role: "img", "aria-label": label, hidden: true });
    this.told = h("p", { class: "live-picture-told", role: "status" });
    const tools = [button(t("Choose a file"), () => this.file.click()), film,
      sample && button(t("Sample"), () => this.take(() => ({ bitmap: sample(this.seed++), note: "" })))];
    this.element = h("div", { class: "live-picture", role: "group", "aria-label": label }, h("style", {}, css), this.canvas,
      h("div", { class: "live-tools" }, this.file, tools), h("p", { class: "live-key" }, t("Or drop a picture here, or paste one. It stays in this page.")),
      this.camera.element, this.told);
    this.listen();
  }

  /** Pictures are dropped on the part; they are pasted into the page, which is listened to while the part has focus or pointer. */
  listen() {
    const { element } = this, here = () => element.matches(":hover, :focus-within"), over = (on) => element.classList.toggle("over", on);
    const paste = (event) => {
      if (!here()) return away();
      if (event.target.closest?.("input, textarea, [contenteditable]")) return;
      event.preventDefault();
      this.files(event.clipboardData.files);
    };
    const away = () => here() || document.removeEventListener("paste", paste);
    for (const name of ["focusin", "pointerenter"]) element.addEventListener(name, () => document.addEventListener("paste", paste));
    for (const name of ["focusout", "pointerleave"]) element.addEventListener(name, () => setTimeout(away));
    element.addEventListener("dragover", (event) => (event.preventDefault(), over(true)));
    element.addEventListener("dragleave", ({ relatedTarget }) => element.contains(relatedTarget) || over(false));
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      this.files(event.dataTransfer.files);
    });
  }

  /** Take the first of some files. */
  async files(list) {
    const [file, ...others] = list;
    await this.take(async () => {
      if (!file) throw new Told(t("it holds no file with a picture"));
      const { bitmap, note } = await decode(file);
      const alone = others.length ? t("Only the first of {count} files is taken.", { count: others.length + 1 }) : "";
      return { bitmap, name: file.name, note: [note, alone].join(" ").trim() };
    });
    this.file.value = ""; // the same file can be chosen again
  }

  /** Take what `give` gives, {bitmap, note, name}; of several asked for the last counts. */
  async take(give) {
    const asked = (this.asked = {});
    this.element.setAttribute("aria-busy", "true");
    try {
      const { bitmap, note, name = t("The picture") } = await give();
      this.camera.close();
      try {
        if (this.asked === asked) await this.show(bitmap, name, note);
      } finally {
        bitmap.close?.();
      }
    } catch (error) {
      if (this.asked === asked) this.refuse(error);
    } finally {
      if (this.asked === asked) this.element.removeAttribute("aria-busy");
    }
  }

  /** Show it as the network sees it, and hand it on. */
  async show(bitmap, name, note) {
    const { window, ...image } = tensor(reader(bitmap), this.shape), { canvas } = this;
    const scale = SHOWN / Math.max(window.width, window.height), context = canvas.getContext("2d");
    Object.assign(canvas, { width: Math.max(1, Math.round(scale * window.width)), height: Math.max(1, Math.round(scale * window.height)), hidden: false });
    Object.assign(context, { fillStyle: "#fff", imageSmoothingQuality: "high", imageSmoothingEnabled: scale < 1 });
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, -scale * window.left, -scale * window.top, scale * bitmap.width, scale * bitmap.height);
    const taken = t("Taken: {name}, {width} × {height} pixels.", { name, width: bitmap.width, height: bitmap.height });
    this.told.textContent = [taken, note].join(" ").trim();
    await this.onpicture({ image, picture: canvas, name });
  }

  refuse(error) {
    this.told.textContent = t("This picture could not be taken: {reason}.", { reason: reason(error) });
  }

  close() {
    this.camera.close();
  }
}
