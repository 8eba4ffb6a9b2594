// Text messages of a WebSocket (RFC 6455) on a socket that has been upgraded: as much as a print component and its tests need.
import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";

const text = 1;
const close = 8;
const ping = 9;
const pong = 10;

export const acceptOf = (key) => createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

/** One end of a connection. `onmessage` gets each text, `onclose` is told once. A client masks what it sends. */
export class Connection {
  onmessage = () => {};
  onclose = () => {};
  #socket;
  #isClient;
  #bytes = Buffer.alloc(0);
  #parts = [];

  constructor(socket, { isClient = false, head = Buffer.alloc(0) } = {}) {
    this.#socket = socket;
    this.#isClient = isClient;
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("error", () => {});
    socket.on("close", () => this.onclose());
    if (head.length) setImmediate(() => this.#take(head));
  }

  send(message) {
    this.#write(text, Buffer.from(message));
  }

  close() {
    this.#write(close, Buffer.from([3, 232]));
    this.#socket.end();
  }

  #write(code, payload) {
    if (this.#socket.destroyed) return;
    const length = payload.length;
    const head = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10);
    head[0] = 0x80 | code;
    head[1] = (this.#isClient ? 0x80 : 0) | (length < 126 ? length : length < 65536 ? 126 : 127);
    if (head.length === 4) head.writeUInt16BE(length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
    if (!this.#isClient) return void this.#socket.write(Buffer.concat([head, payload]));
    const mask = randomBytes(4);
    this.#socket.write(Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index % 4])]));
  }

  #take(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (let frame = this.#frame(); frame; frame = this.#frame()) {
      if (frame.code === close) return void this.#socket.end();
      if (frame.code === ping) this.#write(pong, frame.payload);
      if (frame.code > 2) continue;
      this.#parts.push(frame.payload);
      if (!frame.isLast) continue;
      const message = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      this.onmessage(message);
    }
  }

  /** The next frame that is here as a whole. */
  #frame() {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    let length = bytes[1] & 0x7f;
    let at = 2;
    if (length > 125) {
      at = length === 126 ? 4 : 10;
      if (bytes.length < at) return null;
      length = length === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    }
    const isMasked = bytes[1] & 0x80;
    const mask = isMasked ? bytes.subarray(at, (at += 4)) : null;
    if (bytes.length < at + length) return null;
    const payload = Buffer.from(bytes.subarray(at, at + length));
    if (mask) payload.forEach((byte, index) => (payload[index] = byte ^ mask[index % 4]));
    this.#bytes = bytes.subarray(at + length);
    return { code: bytes[0] & 0x0f, isLast: (bytes[0] & 0x80) !== 0, payload };
  }
}

/** Connects to a port of this machine. */
export function connect(port) {
  return new Promise((resolve, reject) => {
    const key = randomBytes(16).toString("base64");
    const headers = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key };
    const asked = request({ host: "127.0.0.1", port, headers });
    asked.on("upgrade", (response, socket, head) => {
      if (response.headers["sec-websocket-accept"] !== acceptOf(key)) return reject(new Error("no WebSocket answer"));
      resolve(new Connection(socket, { isClient: true, head }));
    });
    asked.on("error", reject);
    asked.end();
  });
}
