// The camera, seen on the page until a picture is taken. It is asked for when the reader wants it, and let go with the element.
import { button, h } from "../ui.js";
import { Told } from "../told.js";
import { t } from "../words.js";

export class Camera {
  /** `ontake(promise)` gets the picture, an ImageBitmap; `onclose()` takes the focus that was in here. */
  constructor({ ontake, onclose }) {
    Object.assign(this, { onclose, stream: null });
    this.video = h("video", { playsinline: true, "aria-label": t("What the camera sees") });
    this.video.muted = true;
    this.video.addEventListener("pause", () => this.close()); // also when the page takes it away
    this.take = button(t("Take the picture"), () => ontake(grab(this.video).finally(() => this.close())), { class: "live-main" });
    this.element = h("div", { class: "live-camera", hidden: true }, this.video,
      h("div", { class: "live-tools" }, this.take, button(t("Close the camera"), () => this.close())));
  }

  /** Show what the camera sees. Throws Told where there is none or it is not allowed. */
  async open() {
    if (this.stream) return;
    const asked = (this.asked = {});
    const stream = await ask();
    if (this.asked !== asked || !this.element.isConnected) return stop(stream); // closed, or gone, meanwhile
    Object.assign(this, { stream });
    this.element.hidden = false;
    this.video.srcObject = stream;
    await this.video.play().catch(() => {}); // taken away before it began
    this.take.focus();
  }

  close() {
    this.asked = null;
    if (!this.stream) return;
    const focused = this.element.contains(document.activeElement);
    stop(this.stream);
    Object.assign(this, { stream: null });
    this.video.srcObject = null;
    this.element.hidden = true;
    if (focused) this.onclose();
  }
}

/** What is seen now. */
async function grab(video) {
  if (!video.videoWidth) throw new Told(t("the camera did not start"));
  return createImageBitmap(video);
}

const stop = (stream) => stream.getTracks().forEach((track) => track.stop());

async function ask() {
  if (!navigator.mediaDevices?.getUserMedia) throw new Told(t("this browser lets no camera be used on this page"));
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
  } catch ({ name }) {
    throw new Told({
      NotAllowedError: t("the camera was not allowed, which the browser's settings for this page can change"),
      NotFoundError: t("there is no camera"),
      NotReadableError: t("another program holds the camera"),
    }[name] ?? t("the camera did not start"));
  }
}
