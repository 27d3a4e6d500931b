// A file as a picture, or the reason why not. Its first bytes are looked at before it is unpacked: a small file can claim to be
// larger than any memory. Nothing is sent anywhere.
import { Told } from "../told.js";
import { n, t } from "../words.js";

const MEGABYTES = 50, MEGAPIXELS = 64, LONGEST = 16000; // what is taken at most

/** {bitmap, note}: the picture the right way up, and what is to be said of it, or "". Throws Told. */
export async function decode(file) {
  const name = file.name || t("The picture");
  if (!file.size) throw new Told(t("{name} is empty, a file of no bytes", { name }));
  if (file.size > MEGABYTES * 2 ** 20)
    throw new Told(t("{name} has {size} MB, and at most {most} are taken", { name, size: n(file.size / 2 ** 20), most: MEGABYTES }));
  const unknown = new Told(t("{name} is no picture that this browser can read; a PNG, JPEG, WebP or GIF is needed", { name }));
  const bytes = new Uint8Array(await file.arrayBuffer().catch(() => { throw unknown; })); // gone, or a folder
  const start = String.fromCharCode(...bytes.subarray(0, 1000));
  if (/^[^<]{0,9}<(\?xml|!--|!DOCTYPE svg|svg)[^]*<svg|^\s*<svg/i.test(start) || file.type === "image/svg+xml")
    throw new Told(t("{name} is a drawing in SVG; a PNG, JPEG, WebP or GIF is needed", { name }));
  const head = headOf(bytes, start);
  check(name, head);
  const bitmap = await createImageBitmap(new Blob([bytes]), { imageOrientation: "from-image" }).catch(() => { throw unknown; });
  try {
    check(name, bitmap);
  } catch (error) {
    bitmap.close();
    throw error;
  }
  return { bitmap, note: head.moves ? t("{name} moves; its first picture is taken.", { name }) : "" };
}

function check(name, { width, height }) {
  if (width * height > MEGAPIXELS * 1e6 || Math.max(width, height) > LONGEST)
    throw new Told(t("{name} has {width} × {height} pixels, and at most {most} million are taken, {longest} in a row",
      { name, width: n(width), height: n(height), most: MEGAPIXELS, longest: n(LONGEST) }));
}

/** {width, height, moves} as the first bytes claim; zeros where they are of no kind that is known here. */
function headOf(bytes, start) {
  const view = new DataView(bytes.buffer), kind = Object.keys(HEADS).find((each) => start.startsWith(each));
  try {
    return kind ? HEADS[kind](view, start) : { width: 0, height: 0 };
  } catch (error) {
    if (error instanceof RangeError) return { width: 0, height: 0 }; // cut off: the browser says the rest
    throw error;
  }
}

const HEADS = {
  "\x89PNG": (view, start) => ({ width: view.getUint32(16), height: view.getUint32(20), moves: start.includes("acTL") }),
  GIF8: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true), moves: pictures(view) > 1 }),
  BM: (view) => ({ width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) }),
  "\xff\xd8": jpeg,
  RIFF(view, start) {
    if (start.startsWith("VP8X", 12))
      return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8), moves: (view.getUint8(20) & 2) > 0 };
    return { width: 0, height: 0 }; // the other kinds of WebP have at most 16383 pixels in a row, and are asked when unpacked
  },
};

/** A JPEG is a row of marked segments; the one of the frame has the size. */
function jpeg(view) {
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    while (view.getUint8(at + 1) === 0xff) at++;
    const mark = view.getUint8(at + 1);
    if (view.getUint8(at) !== 0xff || mark === 0xda) return { width: 0, height: 0 };
    if (mark >= 0xc0 && mark <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(mark)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
  }
}

/** How many pictures a GIF has, up to two. */
function pictures(view) {
  const table = (flags) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + table(view.getUint8(10)), count = 0;
  while (at < view.byteLength && count < 2) {
    const block = view.getUint8(at);
    if (block === 0x2c) {
      count += 1;
      at += 11 + table(view.getUint8(at + 9));
    } else if (block === 0x21) at += 2;
    else break;
    while (view.getUint8(at)) at += 1 + view.getUint8(at);
    at += 1;
  }
  return count;
}
