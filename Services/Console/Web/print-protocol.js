// What is said to a platform's print component and what its answers mean: Pinduoduo's, Cainiao's 0.x and 1.x. No socket, no page.

/** Where the components listen on the PC of who prints. The print page's policy names these addresses. */
export const addresses = { pinduoduo: "ws://127.0.0.1:5000", cainiao: "ws://127.0.0.1:13528" };

/** Once reached, a later notice changes nothing but an unknown. */
const final = new Set(["printed", "failed", "canceled"]);

/** Why a component was not reached: the address needs https, the browser was told no, or nothing listens. */
export function refusalOf({ protocol, hostname, permission }) {
  const near = /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[?::1)/.test(hostname);
  if (protocol !== "https:" && !near) return "https";
  return permission === "denied" || (permission === "prompt" && !near) ? "notAllowed" : "notRunning";
}

/** A request without a task. */
export function request(cmd, requestID, more = {}) {
  return JSON.stringify({ cmd, requestID, version: "1.0", ...more });
}

/**
 * A print of one document. `content` is the platform's text and stays as it is, byte for byte: it is checked, never written anew.
 * @throws {SyntaxError} when it is no JSON
 */
export function printRequest(component, requestID, { taskID, documentID, content, printer }) {
  JSON.parse(content);
  const types = component === "cainiao" ? ["render", "print"] : ["print"];
  const counts = component === "cainiao" && { firstDocumentNumber: 1, totalDocumentCount: 1 };
  const task = JSON.stringify({ taskID, printer, preview: false, notifyType: types, ...counts });
  const documents = `[{"documentID":${JSON.stringify(documentID)},"contents":[${content}]}]`;
  return `{"cmd":"print","requestID":${JSON.stringify(requestID)},"version":"1.0","task":${task.slice(0, -1)},"documents":${documents}}}`;
}

/** Names of printers that can be used, the default first. Nil when the message is no such answer. */
export function printersOf(message) {
  if (message.cmd !== "getPrinters" || !Array.isArray(message.printers)) return null;
  const names = message.printers.filter((one) => one.status !== "disable").map((one) => one.name);
  return names.sort((a, b) => (b === message.defaultPrinter) - (a === message.defaultPrinter));
}

function outcome(status, code) {
  if (status === "printed" || status === "success" || status === "completeSuccess") return code ? "failed" : "printed";
  if (status === "rendered") return code ? "failed" : "rendered";
  if (status === "canceled") return "canceled";
  return ["failed", "completeFailure", "completeFailed"].includes(status) ? "failed" : null;
}

/**
 * What a message says about a task: `{taskID, documentID?, state, reason}`, nothing when it says nothing.
 * A `print` that is answered `success` is sent, not printed.
 */
export function reportsOf(message) {
  const cmd = String(message.cmd ?? "").toLowerCase();
  const taskID = message.taskID ?? message.taskId;
  const reason = message.detail || message.msg || "";
  const report = (state, more = {}) => (state ? [{ taskID, state, reason, ...more }] : []);
  const inside = (list, accept) =>
    (list ?? []).flatMap((one) => {
      const state = accept(outcome(one.status, one.code));
      const documentID = one.documentID ?? one.documentId;
      return state ? [{ taskID: one.taskID ?? taskID, documentID, state, reason: one.detail || one.msg || reason }] : [];
    });
  switch (cmd) {
    case "print":
      return report(message.status === "success" ? "sent" : "failed");
    case "printresultnotify":
    case "notifyprintresult": {
      const whole = outcome(message.taskStatus);
      // `rendered` of a document says `success`, too: only a task that is printed has printed ones. A failed task with one that went well
      // is for a person to look at.
      const doubtful = whole === "failed" ? "unknown" : whole;
      const each = inside(message.printStatus, (state) => (state !== "printed" || whole === "printed" ? state : doubtful));
      return each.length ? each : report(whole);
    }
    case "notifydocresult":
      return report(outcome(message.status, Number(message.code ?? 0)), { documentID: message.documentID ?? message.documentId });
    case "notifytaskresult":
      return message.status === "completeSuccess" ? [] : report(outcome(message.status));
    case "gettaskstatus":
      return (message.printStatus ?? []).flatMap((task) =>
        inside(task.detailStatus, (state) => state).map((one) => ({ ...one, taskID: task.taskID ?? task.taskId })),
      );
    default:
      return [];
  }
}

/** Tasks of one press of the button and their states. It never asks for a print by itself. */
export class PrintStates {
  #states = new Map();

  add(taskID) {
    this.#states.set(taskID, "waiting");
  }

  state(taskID) {
    return this.#states.get(taskID);
  }

  /** The states that changed by a message. */
  read(message) {
    return reportsOf(message).filter(({ taskID, state }) => this.#move(taskID, state));
  }

  /** No answer in time, or the connection has gone: what was sent may have been printed. */
  giveUp(taskID, state) {
    return this.#move(taskID, state);
  }

  #move(taskID, state) {
    const old = this.#states.get(taskID);
    const order = ["waiting", "sent", "rendered"];
    if (old === undefined || old === state || final.has(old)) return false;
    if (order.includes(state) && order.indexOf(state) <= order.indexOf(old)) return false;
    if ((old === "unknown" || old === "lost") && !final.has(state)) return false;
    this.#states.set(taskID, state);
    return true;
  }
}
