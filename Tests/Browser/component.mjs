// A stand-in for the print components of Pinduoduo and Cainiao: it answers as public clients were seen to be answered, and prints nothing.
//
//   node Tests/Browser/component.mjs --kind pdd --mode ok --port 5000
//
// It records what it was sent: GET /requests on the same port gives a JSON array of texts, POST /set?kind=…&mode=… changes how it goes on,
// POST /release sends notices that a mode holds back.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { acceptOf, Connection } from "./frames.mjs";

export const kinds = ["pdd", "cainiao-0", "cainiao-1"];

/** ok; failed: the whole task, without its documents; partly: each third document fails; stuck: never printed; refused: by the answer;
 * canceled; late: no notice before `release`; closed: gone after the answer; twice: each notice comes twice; noPrinters; unknown: messages
 * that nobody knows come in between. */
export const modes = ["ok", "failed", "partly", "stuck", "refused", "canceled", "late", "closed", "twice", "noPrinters", "unknown"];

export class Component {
  /** Texts as they came. */
  requests = [];
  /** The pages that connected. */
  origins = [];
  #kind;
  #mode;
  #delay;
  #server;
  #connections = new Set();
  #held = [];
  #documents = 0;
  #tasks = new Map();

  /** @param delay milliseconds before each notice. */
  constructor({ kind = "pdd", mode = "ok", delay = 100 } = {}) {
    this.set({ kind, mode });
    this.#delay = delay;
    this.#server = createServer((request, response) => this.#control(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  set({ kind = this.#kind, mode = this.#mode }) {
    if (!kinds.includes(kind) || !modes.includes(mode)) throw new Error(`kind: ${kinds.join(", ")}; mode: ${modes.join(", ")}`);
    this.#kind = kind;
    this.#mode = mode;
  }

  /** @returns the port. */
  listen(port = 0) {
    return new Promise((resolve, reject) => {
      this.#server.on("error", reject);
      this.#server.listen(port, "127.0.0.1", () => resolve(this.#server.address().port));
    });
  }

  close() {
    for (const connection of this.#connections) connection.close();
    this.#server.close();
    this.#server.closeAllConnections?.();
  }

  /** Sends the notices that were held back. */
  release() {
    for (const send of this.#held.splice(0)) send();
  }

  #control(request, response) {
    const url = new URL(request.url, "http://127.0.0.1");
    try {
      if (request.method === "GET" && url.pathname === "/requests") return response.end(JSON.stringify(this.requests));
      if (request.method === "POST" && url.pathname === "/release") this.release();
      else if (request.method === "POST" && url.pathname === "/set") this.set(Object.fromEntries(url.searchParams));
      else response.statusCode = 404;
    } catch {
      response.statusCode = 400;
    }
    response.end();
  }

  #upgrade(request, socket, head) {
    this.origins.push(request.headers.origin ?? "");
    const accept = acceptOf(request.headers["sec-websocket-key"] ?? "");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    const connection = new Connection(socket, { head });
    this.#connections.add(connection);
    connection.onclose = () => this.#connections.delete(connection);
    connection.onmessage = (text) => this.#take(text, connection);
  }

  #take(text, connection) {
    this.requests.push(text);
    const message = JSON.parse(text);
    const send = (answer) => connection.send(JSON.stringify(answer));
    const { cmd, requestID } = message;
    if (this.#mode === "unknown") send({ cmd: "somethingNew", requestID, status: "success", taskID: "T0" });
    switch (cmd) {
      case "getPrinters": {
        const names = this.#mode === "noPrinters" ? [] : ["Zebra", "Label"];
        const isCainiao = this.#kind !== "pdd";
        const printers = names.map((name) => (isCainiao ? { name, status: "enable", type: "RAW" } : { name }));
        return send({ cmd, requestID, defaultPrinter: names.at(-1) ?? "", printers, ...(isCainiao && { msg: "no error", errorCode: 0 }) });
      }
      case "getTaskStatus":
        return send({ cmd, requestID, status: "success", printStatus: message.taskID.map((taskID) => this.#statusOf(taskID)) });
      case "print":
        return this.#print(message, send, connection);
      default:
        return send({ cmd, requestID, status: "failed", msg: "unknown command" });
    }
  }

  #statusOf(taskID) {
    const task = this.#tasks.get(taskID);
    return { taskID, detailStatus: (task?.documents ?? []).map(({ documentID, status }) => ({ documentID, status, msg: "", printer: task.printer })) };
  }

  #print({ requestID, task }, send, connection) {
    const { taskID, printer } = task;
    const answer = { cmd: "print", requestID, taskID, status: "success", msg: "" };
    if (this.#mode === "refused") return send({ ...answer, status: "failed", msg: "the printer is offline" });
    const documents = task.documents.map(({ documentID }) => ({ documentID, status: this.#outcome() }));
    this.#tasks.set(taskID, { printer, documents: this.#mode === "stuck" ? [] : documents });
    const { before, after } = this.#notices({ requestID, taskID, printer, documents });
    for (const notice of before) send(notice);
    send(answer);
    if (this.#mode === "closed") return connection.close();
    for (const notice of after) {
      const say = () => setTimeout(() => (this.#mode === "twice" ? [notice, notice] : [notice]).forEach(send), this.#delay);
      if (this.#mode === "late") this.#held.push(say);
      else say();
    }
  }

  #outcome() {
    this.#documents += 1;
    if (this.#mode === "failed") return "failed";
    if (this.#mode === "canceled") return "canceled";
    return this.#mode === "partly" && this.#documents % 3 === 0 ? "failed" : "success";
  }

  /** What is told before and after the answer to `print`. */
  #notices({ requestID, taskID, printer, documents }) {
    const isStuck = this.#mode === "stuck";
    const hasFailed = documents.some(({ status }) => status !== "success");
    const taskStatus = hasFailed ? "failed" : "printed";
    const each = documents.map(({ documentID, status }) => ({ documentID, status, msg: status === "failed" ? "out of paper" : "", detail: "" }));
    // Of a task that failed as a whole.
    const list = this.#mode === "failed" ? null : each;
    if (this.#kind === "pdd") {
      const notice = { cmd: "PrintResultNotify", printer, taskID, taskStatus, firstFailedDocSN: 0, msg: hasFailed ? "failed" : "", printStatus: list };
      return { before: [], after: isStuck ? [] : [notice] };
    }
    const whole = (status, printStatus) => ({
      cmd: "notifyPrintResult", requestID, taskID, printer, taskStatus: status, status: status === "failed" ? 1 : 0, msg: "", printStatus,
    });
    if (this.#kind === "cainiao-0") {
      const rendered = whole("rendered", each.map((one) => ({ ...one, status: "success" })));
      return { before: [], after: isStuck ? [rendered] : [rendered, whole(taskStatus, list)] };
    }
    const document = ({ documentID }, status, code, detail) => ({ cmd: "notifyDocResult", taskId: taskID, documentId: documentID, status, code, detail });
    const rendered = documents.map((one) => document(one, "rendered", 0, ""));
    const printed = documents.map((one) =>
      one.status === "success" ? document(one, "printed", 0, "") : document(one, one.status === "canceled" ? "canceled" : "printed", 50, "out of paper"),
    );
    const status = hasFailed ? "completeFailure" : "completeSuccess";
    return {
      before: [{ cmd: "notifyTaskResult", taskId: taskID, status: "initial" }],
      after: isStuck ? rendered : [...rendered, ...printed, whole(taskStatus, list), { cmd: "notifyTaskResult", taskId: taskID, status, docs: [] }],
    };
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const given = Object.fromEntries(process.argv.slice(2).map((word, index, words) => [word.replace(/^--/, ""), words[index + 1]]).filter((_, index) => index % 2 === 0));
  const component = new Component({ kind: given.kind, mode: given.mode });
  console.log(`listening on ${await component.listen(Number(given.port ?? 5000))}`);
}
