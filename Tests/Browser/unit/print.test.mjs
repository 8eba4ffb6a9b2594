import assert from "node:assert/strict";
import { test } from "node:test";
import { web } from "./modules.mjs";

const { PrintStates, printRequest, printersOf, refusalOf, reportsOf, request } = await web("print-protocol.js");

const content = '{"encryptedData":"AES:a\\/b","signature":"MD:1.0","templateUrl":"https://x/\\u4e00","ver":"11", "n":1.00,"big":12345678901234567890}';
const one = { taskID: "T1", documentID: "462598779470531", content, printer: "Label" };

test("the platform's text is in the request byte for byte", () => {
  for (const component of ["pinduoduo", "cainiao"]) {
    const text = printRequest(component, "R1", one);
    assert.ok(text.includes(`"contents":[${content}]`));
    const message = JSON.parse(text);
    assert.equal(message.cmd, "print");
    assert.equal(message.requestID, "R1");
    assert.equal(message.version, "1.0");
    assert.equal(message.task.taskID, "T1");
    assert.equal(message.task.printer, "Label");
    assert.equal(message.task.documents.length, 1);
    assert.equal(message.task.documents[0].documentID, one.documentID);
    assert.equal(message.task.preview, false);
  }
});

test("a content that is no JSON is not sent", () => {
  assert.throws(() => printRequest("pinduoduo", "R", { ...one, content: '{"a":1}]},"x":[{' }), SyntaxError);
});

test("a request has the head that components want", () => {
  assert.deepEqual(JSON.parse(request("getTaskStatus", "R2", { taskID: ["T1"] })), { cmd: "getTaskStatus", requestID: "R2", version: "1.0", taskID: ["T1"] });
});

test("printers are listed with the default first and without disabled ones", () => {
  const printers = [{ name: "A" }, { name: "B", status: "disable" }, { name: "C", status: "enable" }];
  assert.deepEqual(printersOf({ cmd: "getPrinters", defaultPrinter: "C", printers }), ["C", "A"]);
  assert.deepEqual(printersOf({ cmd: "getPrinters", printers: [] }), []);
  assert.equal(printersOf({ cmd: "print" }), null);
});

function states(messages) {
  const seen = new PrintStates();
  seen.add("T1");
  return messages.map((message) => {
    seen.read(message);
    return seen.state("T1");
  });
}

test("Pinduoduo: sent, then printed by a notice without request id", () => {
  assert.deepEqual(
    states([
      { cmd: "print", requestID: "R1", taskID: "T1", status: "success" },
      { cmd: "PrintResultNotify", taskID: "T1", taskStatus: "printed", printStatus: [{ documentID: "1", status: "success" }] },
    ]),
    ["sent", "printed"],
  );
});

test("Pinduoduo: a whole task that failed has no status of its documents", () => {
  assert.deepEqual(states([{ cmd: "PrintResultNotify", taskID: "T1", taskStatus: "failed", msg: "no paper", printStatus: null }]), ["failed"]);
  assert.equal(reportsOf({ cmd: "PrintResultNotify", taskID: "T1", taskStatus: "failed", msg: "no paper" })[0].reason, "no paper");
});

test("Pinduoduo: a document that was cancelled at the printer", () => {
  assert.deepEqual(states([{ cmd: "PrintResultNotify", taskID: "T1", taskStatus: "failed", printStatus: [{ status: "canceled" }] }]), ["canceled"]);
});

test("a failed task with a document that went well is for a person to look at", () => {
  assert.deepEqual(states([{ cmd: "PrintResultNotify", taskID: "T1", taskStatus: "failed", printStatus: [{ status: "success" }] }]), ["unknown"]);
});

test("Cainiao 0.x: rendered with success is not printed", () => {
  assert.deepEqual(
    states([
      { cmd: "print", taskID: "T1", status: "success" },
      { cmd: "notifyPrintResult", taskID: "T1", taskStatus: "rendered", status: 0, printStatus: [{ documentID: "1", status: "success" }] },
      { cmd: "notifyPrintResult", taskID: "T1", taskStatus: "printed", status: 0, printStatus: [{ documentID: "1", status: "success" }] },
    ]),
    ["sent", "rendered", "printed"],
  );
});

test("Cainiao 1.x: other spellings, a code that is not 0 fails", () => {
  assert.deepEqual(
    states([
      { cmd: "notifyTaskResult", taskId: "T1", status: "initial" },
      { cmd: "print", taskID: "T1", status: "success" },
      { cmd: "notifyDocResult", taskId: "T1", documentId: "1", status: "rendered", code: 0 },
      { cmd: "notifyDocResult", taskId: "T1", documentId: "1", status: "printed", code: 0 },
      { cmd: "notifyTaskResult", taskId: "T1", status: "completeSuccess" },
    ]),
    ["waiting", "sent", "rendered", "printed", "printed"],
  );
  const [report] = reportsOf({ cmd: "notifyDocResult", taskId: "T1", documentId: "1", status: "rendered", code: 40, detail: "Unknown encryption type." });
  assert.equal(report.state, "failed");
  assert.equal(report.reason, "Unknown encryption type.");
});

test("Cainiao 1.x: a completed task alone prints nothing", () => {
  assert.deepEqual(states([{ cmd: "notifyTaskResult", taskId: "T1", status: "completeSuccess" }]), ["waiting"]);
  assert.deepEqual(states([{ cmd: "notifyTaskResult", taskId: "T1", status: "completeFailed" }]), ["failed"]);
});

test("an answer to getTaskStatus says what became of a document", () => {
  assert.deepEqual(
    states([{ cmd: "getTaskStatus", printStatus: [{ taskID: "T1", detailStatus: [{ documentID: "1", status: "success" }] }] }]),
    ["printed"],
  );
});

test("what is printed stays printed; a notice that comes twice changes nothing", () => {
  const seen = new PrintStates();
  seen.add("T1");
  const notice = { cmd: "PrintResultNotify", taskID: "T1", taskStatus: "printed" };
  assert.equal(seen.read(notice).length, 1);
  assert.equal(seen.read(notice).length, 0);
  assert.equal(seen.read({ ...notice, taskStatus: "failed" }).length, 0);
  assert.equal(seen.giveUp("T1", "unknown"), false);
  assert.equal(seen.state("T1"), "printed");
});

test("an unknown one is settled by a late notice, and by nothing less", () => {
  const seen = new PrintStates();
  seen.add("T1");
  seen.read({ cmd: "print", taskID: "T1", status: "success" });
  assert.equal(seen.giveUp("T1", "unknown"), true);
  seen.read({ cmd: "notifyPrintResult", taskID: "T1", taskStatus: "rendered" });
  assert.equal(seen.state("T1"), "unknown");
  seen.read({ cmd: "PrintResultNotify", taskID: "T1", taskStatus: "printed" });
  assert.equal(seen.state("T1"), "printed");
});

test("another page's tasks and unknown messages are nobody's", () => {
  const seen = new PrintStates();
  seen.add("T1");
  assert.deepEqual(seen.read({ cmd: "PrintResultNotify", taskID: "T2", taskStatus: "printed" }), []);
  assert.deepEqual(seen.read({ cmd: "somethingNew", taskID: "T1", status: "printed" }), []);
  assert.deepEqual(seen.read({}), []);
});

test("the three ways in which a component is not reached", () => {
  const near = { protocol: "http:", hostname: "192.168.1.9" };
  assert.equal(refusalOf(near), "notRunning");
  assert.equal(refusalOf({ ...near, permission: "denied" }), "notAllowed");
  assert.equal(refusalOf({ protocol: "http:", hostname: "daifa.example" }), "https");
  assert.equal(refusalOf({ protocol: "https:", hostname: "daifa.example", permission: "prompt" }), "notAllowed");
  assert.equal(refusalOf({ protocol: "https:", hostname: "daifa.example", permission: "granted" }), "notRunning");
  assert.equal(refusalOf({ protocol: "http:", hostname: "172.32.0.1" }), "https");
});
