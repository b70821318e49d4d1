// Reads what kit/packing.py writes: JSON, then arrays of numbers, byte by byte of each number.
const KINDS = { "<f8": Float64Array, "<f4": Float32Array, "<i4": Int32Array, "<u2": Uint16Array, "|u1": Uint8Array };

/** An object of all values, arrays as typed arrays. */
export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const { values, arrays } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let start = 4 + length;
  for (const [name, kind, count] of arrays) {
    const array = new KINDS[kind](count);
    const width = array.BYTES_PER_ELEMENT;
    const into = new Uint8Array(array.buffer);
    const from = new Uint8Array(buffer, start, count * width);
    for (let byte = 0, place = 0; byte < width; byte += 1) {
      for (let row = 0; row < count; row += 1, place += 1) into[row * width + byte] = from[place];
    }
    values[name] = array;
    start += from.length;
  }
  return values;
}
