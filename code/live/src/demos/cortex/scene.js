// What lies in the visual field: an object (a drawing by code, strokes of the reader, or a photograph) in a pose,
// rendered into the grey image that the network gets. Lengths are degrees of visual angle; the field's middle is (0, 0),
// y points down. An object is {paths, pen} with points in a box of side 1 around (0, 0), or {photo, mean}.

export const STILL = { x: 0, y: 0, size: 1, turn: 0, contrast: 1 };
export const SIZES = [0.5, 2];

/** `side` in pixels, `degrees` across, `extent` of an object's box in degrees, `background` and `ink` grey levels. */
export class Scene {
  constructor({ side, degrees, extent, background, ink }) {
    Object.assign(this, { side, degrees, extent, background, ink });
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    this.context = canvas.getContext("2d", { willReadFrequently: true });
  }

  /**
   * The network's input {dims, data} for an object in a pose, as convnets/cortex/shapes.py's `picture` draws it. A
   * photograph lies in a field of its own mean grey. Contrast scales the distance from the field.
   */
  image(object, pose) {
    const { side, context, ink } = this, field = object.mean ?? this.background;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, side, side);
    context.setTransform(...this.transform(pose));
    object.photo ? drawPhoto(context, object.photo) : drawPaths(context, object);
    const { data: pixels } = context.getImageData(0, 0, side, side), data = new Float32Array(side * side);
    for (let i = 0; i < data.length; i++) {
      const level = object.photo ? pixels[4 * i] / 255 : ink;
      data[i] = clamp(field + (pose.contrast * (level - field) * pixels[4 * i + 3]) / 255, 0, 1);
    }
    return { dims: [1, 1, side, side], data };
  }

  /** From the object's box to pixels, as canvas takes it. */
  transform({ x, y, size, turn }) {
    const perDegree = this.side / this.degrees, scale = size * this.extent * perDegree, angle = (turn * Math.PI) / 180;
    const cos = scale * Math.cos(angle), sin = scale * Math.sin(angle);
    return [cos, sin, -sin, cos, this.side / 2 + x * perDegree, this.side / 2 + y * perDegree];
  }

  /** A point of the field in degrees, in the object's box. */
  inside([x, y], pose) {
    const angle = (-pose.turn * Math.PI) / 180, scale = pose.size * this.extent, dx = x - pose.x, dy = y - pose.y;
    return [(dx * Math.cos(angle) - dy * Math.sin(angle)) / scale, (dx * Math.sin(angle) + dy * Math.cos(angle)) / scale];
  }
}

const PEN = 0.09; // width of the reader's pen, in the object's box

function drawPaths(context, { paths, pen = PEN }) {
  Object.assign(context, { fillStyle: "#000", strokeStyle: "#000", lineWidth: pen, lineCap: "round", lineJoin: "round" });
  for (const { points, fill } of paths) {
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (fill) {
      context.closePath();
      context.fill("evenodd");
    } else {
      if (points.length === 1) context.lineTo(points[0][0] + 1e-4, points[0][1]);
      context.stroke();
    }
  }
}

function drawPhoto(context, photo) {
  Object.assign(context, { imageSmoothingEnabled: true, imageSmoothingQuality: "high" });
  context.drawImage(photo, -0.5, -0.5, 1, 1);
}

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
