// bytes.js - a peer's bytes as text and hex.  Whatever could not be seen, or could turn the
// direction of writing around, is escaped, as core/lab/show.c does it for terminals.
"use strict";

const HIDDEN = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xfeff, 0xfeff],
  [0xe0000, 0xe0fff],
];
const HEX_BYTES = 8; // in a line
const SHORT = {
  9: "\\t",
  10: "\\n",
  13: "\\r",
  92: "\\\\"
};

function hexOf(number, digits) {
  return number.toString(16).padStart(digits, "0");
}

function isHidden(code) {
  return HIDDEN.some(([first, last]) => code >= first && code <= last);
}

// One character as it is shown.
function shownCharacter(character) {
  const code = character.codePointAt(0);

  if (SHORT[code] !== undefined)
    return SHORT[code];
  if (!isHidden(code))
    return character;
  return code < 0x100 ? "\\x" + hexOf(code, 2) : "\\u" + hexOf(code, 4);
}

// The text with at most so many characters of it.
function shownText(text, most = Infinity) {
  let shown = "";
  let count = 0;

  for (const character of text) {
    if (count++ === most)
      return shown + "…";
    shown += shownCharacter(character);
  }
  return shown;
}

// An event's bytes; of a long message only the first ones are there.
function bytesOf(event) {
  if (event.utf8 !== undefined)
    return new TextEncoder().encode(event.utf8);
  const hex = event.hex ?? "";
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

// How many bytes the character at that place takes; 0: it is no UTF-8.
function characterLength(bytes, at) {
  const lead = bytes[at];
  const length = lead < 0x80   ? 1
                 : lead < 0xc2 ? 0
                 : lead < 0xe0 ? 2
                 : lead < 0xf0 ? 3
                 : lead < 0xf5 ? 4
                               : 0;

  if (length < 2)
    return length;
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}

// Bytes of any kind as text: those that are no UTF-8 as \xff.
function shownBytes(bytes, most = Infinity) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let shown = "";

  for (let at = 0, count = 0, length; at < bytes.length; at += length || 1, count++) {
    if (count === most)
      return shown + "…";
    length = characterLength(bytes, at);
    shown += length === 0 ? "\\x" + hexOf(bytes[at], 2)
                          : shownCharacter(decoder.decode(bytes.subarray(at, at + length)));
  }
  return shown;
}

function shownData(event, most) {
  return event.utf8 !== undefined ? shownText(event.utf8, most) : shownBytes(bytesOf(event), most);
}

// "0000  68 65 6c 6c 6f           hello"
function hexDump(bytes) {
  const lines = [];

  for (let at = 0; at < bytes.length; at += HEX_BYTES) {
    const part = Array.from(bytes.subarray(at, at + HEX_BYTES));
    const hex = part.map((byte) => hexOf(byte, 2)).join(" ");
    const text = part.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : "."));
    lines.push(hexOf(at, 4) + "  " + hex.padEnd(3 * HEX_BYTES) + " " + text.join(""));
  }
  return lines.join("\n");
}

function countOf(number, one, many = one + "s") {
  return number.toLocaleString("en") + " " + (number === 1 ? one : many);
}

function bytesCount(size) {
  return countOf(size, "byte");
}
