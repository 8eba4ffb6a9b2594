// What the console's print protocol makes of a whole conversation with a print component.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Component, kinds } from "../component.mjs";
import { connect } from "../frames.mjs";
import { web } from "./modules.mjs";

const { PrintStates, printersOf, printRequest, request } = await web("print-protocol.js");

const content = `{"encryptedData":"${"a\\/b+=".repeat(12_000)}","signature":"\\u4e00","templateUrl":"https://x","ver":"11", "n":1.00}`;

/** Prints tasks of one document each; tells the states of each task in their order. */
async function conversation({ kind, mode, tasks = 1, until, before = () => {} }) {
  const component = new Component({ kind, mode, delay: 0 });
  const connection = await connect(await component.listen());
  const states = new PrintStates();
  const seen = Array.from({ length: tasks }, () => []);
  const [messages, name] = [[], kind === "pdd" ? "pinduoduo" : "cainiao"];
  try {
    await new Promise((resolve) => {
      connection.onclose = resolve;
      connection.onmessage = (text) => {
        const message = JSON.parse(text);
        messages.push(message);
        for (const { taskID, state } of states.read(message)) seen[Number(taskID.slice(1))].push(state);
        if (until(seen, messages)) resolve();
        before(seen, component);
      };
      connection.send(request("getPrinters", "P"));
      for (let index = 0; index < tasks; index += 1) {
        const taskID = `T${index}`;
        states.add(taskID);
        connection.send(printRequest(name, `R${index}`, { taskID, documentID: `YT${index}`, content, printer: "Label" }));
      }
    });
  } finally {
    connection.close();
    component.close();
  }
  return { seen, component, messages };
}

const ends = (states) => (seen) => seen.every((one) => states.includes(one.at(-1)));
const steps = { pdd: ["sent"], "cainiao-0": ["sent", "rendered"], "cainiao-1": ["sent", "rendered"] };

for (const kind of kinds) {
  test(`${kind}: what was sent is the platform's text, and is printed once a notice says so`, async () => {
    const { seen, component, messages } = await conversation({ kind, mode: "ok", tasks: 3, until: ends(["printed"]) });
    assert.deepEqual(seen, Array(3).fill([...steps[kind], "printed"]));
    assert.deepEqual(printersOf(messages.find(({ cmd }) => cmd === "getPrinters")), ["Label", "Zebra"]);
    const prints = component.requests.filter((text) => text.includes('"cmd":"print"'));
    assert.equal(prints.length, 3);
    for (const text of prints) assert.ok(text.includes(`"contents":[${content}]`));
  });

  test(`${kind}: failures of all kinds`, async () => {
    for (const [mode, end] of [["failed", "failed"], ["refused", "failed"], ["canceled", "canceled"]]) {
      const { seen } = await conversation({ kind, mode, until: ends([end]) });
      assert.equal(seen[0].at(-1), end, mode);
      assert.ok(!seen[0].includes("printed"), mode);
    }
  });

  test(`${kind}: each document has its own end`, async () => {
    const { seen } = await conversation({ kind, mode: "partly", tasks: 3, until: ends(["printed", "failed"]) });
    assert.deepEqual(seen.map((one) => one.at(-1)), ["printed", "printed", "failed"]);
  });

  test(`${kind}: a notice that comes twice or among unknown ones counts once`, async () => {
    for (const mode of ["twice", "unknown"]) {
      const { seen } = await conversation({ kind, mode, until: ends(["printed"]) });
      assert.deepEqual(seen[0], [...steps[kind], "printed"]);
    }
  });

  test(`${kind}: without a notice nothing is printed, and a late one is believed`, async () => {
    const closed = await conversation({ kind, mode: "closed", until: () => false });
    assert.deepEqual(closed.seen[0], ["sent"]);
    const release = (seen, component) => seen[0].includes("sent") && component.release();
    const late = await conversation({ kind, mode: "late", until: ends(["printed"]), before: release });
    assert.equal(late.seen[0].at(-1), "printed");
  });

  test(`${kind}: no printers`, async () => {
    const { messages } = await conversation({ kind, mode: "noPrinters", until: (_, all) => all.some(({ cmd }) => cmd === "getPrinters") });
    assert.deepEqual(printersOf(messages.find(({ cmd }) => cmd === "getPrinters")), []);
  });
}
