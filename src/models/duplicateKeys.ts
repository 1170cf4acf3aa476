/** Finds a key that an object of a JSON text has twice. JSON.parse keeps the last of them and says nothing. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Position after the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

/**
 * @param json valid JSON: it must have passed JSON.parse
 * @returns the first repeated key, unescaped, or undefined
 */
export function duplicateKey(json: string): string | undefined {
  // Keys seen in each open object; undefined for an open array.
  const open: (Set<string> | undefined)[] = [];
  // Whether a string here would be a key.
  let expectKey = false;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case '{':
        open.push(new Set());
        expectKey = true;
        break;
      case '[':
        open.push(undefined);
        expectKey = false;
        break;
      case '}':
      case ']':
        open.pop();
        expectKey = false;
        break;
      case ':':
        expectKey = false;
        break;
      case ',':
        expectKey = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = endOfString(json, at);
        if (expectKey) {
          const key = JSON.parse(json.slice(at, end)) as string;
          const keys = open.at(-1);
          if (keys?.has(key)) return key;
          keys?.add(key);
        }
        at = end - 1;
        break;
      }
    }
  }
  return undefined;
}
