// Reads the trained tensors out of an ONNX file, so that a demo can show the very weights that the engine uses.
// An ONNX file is nested protocol buffers (onnx.proto); only the path Model > Graph > initializers is read.

const GRAPH = 7, INITIALIZER = 5, DIMS = 1, TYPE = 2, NAME = 8, RAW_DATA = 9;
const FLOAT = 1;

/** Bytes of an ONNX model -> Map from a tensor's name to {dims, data: Float32Array}; other types are passed over. */
export function tensors(bytes) {
  const found = new Map();
  for (const [graph, content] of fields(bytes)) {
    if (graph !== GRAPH) continue;
    for (const [number, initializer] of fields(content)) {
      if (number !== INITIALIZER) continue;
      const tensor = read(initializer);
      if (tensor.type === FLOAT && tensor.raw) found.set(tensor.name, { dims: tensor.dims, data: floats(tensor.raw) });
    }
  }
  return found;
}

function read(bytes) {
  const tensor = { dims: [], type: 0, name: "", raw: null };
  for (const [number, value] of fields(bytes)) {
    if (number === DIMS) tensor.dims.push(...(typeof value === "number" ? [value] : packed(value)));
    else if (number === TYPE) tensor.type = value;
    else if (number === NAME) tensor.name = new TextDecoder().decode(value);
    else if (number === RAW_DATA) tensor.raw = value;
  }
  return tensor;
}

/** A copy, because the bytes may begin anywhere and a Float32Array only at multiples of four. */
const floats = (raw) => new Float32Array(raw.slice().buffer);

/** [number, value] of each field: a number, or the bytes of what has a length; fixed-size fields as bytes. */
function* fields(bytes) {
  let place = 0;
  const varint = () => {
    let value = 0, factor = 1, byte;
    do {
      byte = bytes[place++];
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte > 127);
    return value;
  };
  while (place < bytes.length) {
    const tag = varint(), kind = tag & 7;
    if (kind === 0) yield [tag >>> 3, varint()];
    else {
      const size = kind === 2 ? varint() : kind === 1 ? 8 : 4;
      yield [tag >>> 3, bytes.subarray(place, (place += size))];
    }
  }
}

function* packed(bytes) {
  for (let place = 0, value = 0, factor = 1; place < bytes.length; place++) {
    value += (bytes[place] & 127) * factor;
    factor *= 128;
    if (bytes[place] < 128) {
      yield value;
      value = 0;
      factor = 1;
    }
  }
}
