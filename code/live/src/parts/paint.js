// A picture put on a canvas.

/** A picture on a canvas; one of few pixels keeps them. */
export function paint(canvas, picture) {
  Object.assign(canvas, { width: picture.width, height: picture.height });
  canvas.style.imageRendering = picture.width < 200 ? "pixelated" : "auto";
  canvas.getContext("2d").drawImage(picture, 0, 0);
}
